import type { PublishedPolicy } from './policy';
import type { Complaint, RuleInput } from './rule';
import { RULES } from './rules';
import { settle, type Standing } from './settle';
import type { Failure } from '../scanning/attempt';
import type { Finding } from '../scanning/finding';
import type { Deadline, RuleResult, Violation, Waived } from '../verdict';

/** What the rules of a policy say of an image, each complaint settled. */
export interface Judgement {
  readonly violations: Violation[];
  readonly warnings: Violation[];
  readonly waived: Waived[];
  readonly deadlines: Deadline[];
  readonly rules: RuleResult[];
  /** Windows that begin with this verdict, and since when. */
  readonly opened: Map<string, string>;
}

/** Rule by rule: what is said, and for each complaint whether it is waived, may be mended later, or counts. */
export function judge(input: RuleInput, { document }: PublishedPolicy, standing: Standing): Judgement | { failure: Failure } {
  const judgement: Judgement = { violations: [], warnings: [], waived: [], deadlines: [], rules: [], opened: new Map() };
  const findingOf = finder(input.findings);
  for (const entry of document.rules) {
    const { rule: name, action } = entry;
    const rule = RULES.get(name);
    if (rule === undefined) return { failure: { cause: 'POLICY_INVALID', detail: `this version knows no rule ${JSON.stringify(name)}` } };
    const outcome = rule.check(input, entry);
    if ('failure' in outcome) return outcome;
    let [count, waived, deferred] = [0, 0, 0];
    const add = (complaint: Complaint, as: RuleResult['action']) => {
      const settled = settle({ rule: name, action: as, complaint, finding: findingOf(complaint) }, standing, judgement.opened);
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
    judgement.rules.push({ rule: name, action, outcome: count === 0 ? 'pass' : 'violated', count, waived, deferred });
  }
  return judgement;
}

/** Most images give no rule a reason to ask: the index is made for the first that does. */
function finder(findings: readonly Finding[]): (complaint: Complaint) => Finding | undefined {
  let byFingerprint: Map<string, Finding> | undefined;
  return ({ fingerprint }) => {
    if (fingerprint === undefined) return undefined;
    byFingerprint ??= new Map(findings.map(finding => [finding.fingerprint, finding]));
    return byFingerprint.get(fingerprint);
  };
}
