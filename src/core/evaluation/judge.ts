import { classify, type JudgementContext } from './classify';
import type { Deadline, RuleResult, Violation, Waived } from '../evidence/verdict';
import type { PublishedPolicy } from '../policy/policy';
import { RULES } from '../policy/rules';
import type { Issue, RuleInput } from '../policy/rules/rule';
import { CAUSES, type Failure } from '../scanning/failed-scan';
import type { Finding } from '../scanning/finding';
import { LONGEST_TEXT, nameText } from '../text/plain-text';

/** What the rules of a policy say about an image, each issue classified. */
export interface Judgement {
  readonly violations: Violation[];
  readonly warnings: Violation[];
  readonly waived: Waived[];
  readonly deadlines: Deadline[];
  readonly rules: RuleResult[];
  /** Grace periods that start with this verdict, and when. */
  readonly opened: Map<string, string>;
  /** When an answer of a rule ends: the verdict holds no longer. */
  readonly ends: string[];
  /** Why the first indeterminate rule is indeterminate. */
  failure?: Failure;
}

/**
 * Asks each rule, and classifies each issue. If a rule is indeterminate, the others are asked all the same:
 * what one of them refuses is refused.
 */
export function judge(input: RuleInput, { document }: PublishedPolicy, context: JudgementContext): Judgement {
  const judgement: Judgement = {
    violations: [],
    warnings: [],
    waived: [],
    deadlines: [],
    rules: [],
    opened: new Map(),
    ends: [],
  };
  const find = finder(input.findings);
  for (const entry of document.rules) {
    const { rule: name, action } = entry;
    const rule = RULES.get(name);
    const outcome = rule?.check(input, entry) ?? {
      failure: {
        cause: 'POLICY_INVALID',
        detail: `this version knows no rule ${JSON.stringify(name)}`,
      } as const,
    };
    if ('failure' in outcome) {
      judgement.failure ??= outcome.failure;
      judgement.rules.push({ rule: name, action, outcome: 'unknown', count: 0, waived: 0, deferred: 0 });
      judgement.warnings.push(indeterminate(name, outcome.failure));
      continue;
    }
    if (outcome.until !== undefined) judgement.ends.push(outcome.until);
    let [count, waived, deferred] = [0, 0, 0];
    const add = (said: Issue, as: RuleResult['action']) => {
      const issue = {
        ...said,
        message: nameText(said.message, LONGEST_TEXT),
        remedy: nameText(said.remedy, LONGEST_TEXT),
      };
      const classified = classify(
        { rule: name, action: as, issue, finding: find.of(issue), named: find.named },
        context,
        judgement.opened,
      );
      if ('waived' in classified) {
        judgement.waived.push(classified.waived);
        waived += 1;
      } else if ('deadline' in classified) {
        judgement.deadlines.push(classified.deadline);
        deferred += 1;
      } else {
        (as === 'deny' ? judgement.violations : judgement.warnings).push(classified.violation);
        if (as === action) count += 1;
      }
    };
    for (const issue of outcome.issues) add(issue, action);
    for (const issue of outcome.warnings ?? []) add(issue, 'warn');
    judgement.rules.push({
      rule: name,
      action,
      outcome: count === 0 ? 'pass' : 'violated',
      count,
      waived,
      deferred,
    });
  }
  return judgement;
}

function indeterminate(rule: string, { cause, detail }: Failure): Violation {
  return { rule, message: `the rule is indeterminate (${cause}): ${detail}`, remedy: CAUSES[cause].remedy };
}

/** Most images give no rule a reason to look findings up, so the maps are made only when needed. */
function finder(findings: readonly Finding[]) {
  let byFingerprint: ReadonlyMap<string, Finding> | undefined;
  let byId: ReadonlyMap<string, readonly Finding[]> | undefined;
  return {
    of: ({ fingerprint }: Issue): Finding | undefined => {
      if (fingerprint === undefined) return undefined;
      byFingerprint ??= new Map(findings.map(finding => [finding.fingerprint, finding]));
      return byFingerprint.get(fingerprint);
    },
    named: (id: string): readonly Finding[] => {
      byId ??= groupById(findings);
      return byId.get(id) ?? [];
    },
  };
}

function groupById(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.id);
    if (group === undefined) groups.set(finding.id, [finding]);
    else group.push(finding);
  }
  return groups;
}
