import { settle, type Standing } from './classify';
import type { Deadline, RuleResult, Violation, Waived } from '../evidence/verdict';
import type { PublishedPolicy } from '../policy/policy';
import { RULES } from '../policy/rules';
import type { Complaint, RuleInput } from '../policy/rules/rule';
import { CAUSES, type Failure } from '../scanning/failed-scan';
import type { Finding } from '../scanning/finding';

/** What the rules of a policy say of an image, each complaint settled. */
export interface Judgement {
  readonly violations: Violation[];
  readonly warnings: Violation[];
  readonly waived: Waived[];
  readonly deadlines: Deadline[];
  readonly rules: RuleResult[];
  /** Windows that begin with this verdict, and since when. */
  readonly opened: Map<string, string>;
  /** Why the first rule that could not tell could not. */
  failure?: Failure;
}

/**
 * Rule by rule: what is said, and for each complaint whether it is waived, may be mended later, or counts.
 * Where a rule cannot tell, the others are asked all the same: what one of them refuses is refused.
 */
export function judge(input: RuleInput, { document }: PublishedPolicy, standing: Standing): Judgement {
  const judgement: Judgement = {
    violations: [],
    warnings: [],
    waived: [],
    deadlines: [],
    rules: [],
    opened: new Map(),
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
      judgement.warnings.push(couldNotTell(name, outcome.failure));
      continue;
    }
    let [count, waived, deferred] = [0, 0, 0];
    const add = (complaint: Complaint, as: RuleResult['action']) => {
      const settled = settle(
        { rule: name, action: as, complaint, finding: find.of(complaint), named: find.named },
        standing,
        judgement.opened,
      );
      if ('waived' in settled) {
        judgement.waived.push(settled.waived);
        waived += 1;
      } else if ('deadline' in settled) {
        judgement.deadlines.push(settled.deadline);
        deferred += 1;
      } else {
        (as === 'deny' ? judgement.violations : judgement.warnings).push(settled.violation);
        if (as === action) count += 1;
      }
    };
    for (const complaint of outcome.complaints) add(complaint, action);
    for (const complaint of outcome.warnings ?? []) add(complaint, 'warn');
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

function couldNotTell(rule: string, { cause, detail }: Failure): Violation {
  return { rule, message: `it could not tell (${cause}): ${detail}`, remedy: CAUSES[cause].remedy };
}

/** Most images give no rule a reason to ask: the index is made for the first that does. */
function finder(findings: readonly Finding[]) {
  let byFingerprint: ReadonlyMap<string, Finding> | undefined;
  let byId: ReadonlyMap<string, readonly Finding[]> | undefined;
  return {
    of: ({ fingerprint }: Complaint): Finding | undefined => {
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
