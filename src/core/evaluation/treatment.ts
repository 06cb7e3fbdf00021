import type { Verdict } from '../evidence/verdict';
import type { Policy } from '../policy/policy';
import { RULES } from '../policy/rules';
import type { Finding } from '../scanning/finding';

/** What a verdict makes of a finding. `deferred`: it is in its grace period. */
export const TREATMENTS = ['refused', 'deferred', 'waived', 'warned', 'left out'] as const;

export interface Treatment {
  readonly treatment: (typeof TREATMENTS)[number];
  /** As people read it. Empty if there is nothing to add. */
  readonly why: string;
}

const REFUSED: Treatment = { treatment: 'refused', why: '' };
const WARNED: Treatment = { treatment: 'warned', why: 'the policy only warns of it' };

/** What the verdict made of each finding of its image, and why: also of those that it does not name. */
export function treatmentIn(
  { violating, violations, warnings, waived, waivedBy, deadlines, rules }: Verdict,
  policy: Pick<Policy, 'rules'>,
): (finding: Finding) => Treatment {
  const refused = new Set(violating);
  // a policy in Rego names what it refuses by its id
  const refusedIds = new Set(
    violations.flatMap(({ fingerprint, id }) => (fingerprint === undefined && id !== undefined ? [id] : [])),
  );
  const warned = new Set(warnings.map(({ fingerprint }) => fingerprint));
  const due = new Map(deadlines.map(deadline => [deadline.fingerprint, deadline.due]));
  const accepted = new Set(Object.values(waivedBy).flat());
  const waivers = new Map(waived.map(({ fingerprint, waiver }) => [fingerprint, waiver]));
  const undecided = new Set(rules.filter(({ outcome }) => outcome === 'unknown').map(({ rule }) => rule));
  const byPolicy = treatmentByPolicy(policy, undecided);
  return finding => {
    const { fingerprint, id } = finding;
    if (refused.has(fingerprint) || refusedIds.has(id)) return REFUSED;
    const until = due.get(fingerprint);
    if (until !== undefined) return { treatment: 'deferred', why: `to be fixed by ${day(until)}` };
    if (accepted.has(fingerprint)) {
      const waiver = waivers.get(fingerprint);
      return {
        treatment: 'waived',
        why: waiver === undefined ? '' : `by ${waiver.owner} until ${day(waiver.until)}`,
      };
    }
    return warned.has(fingerprint) ? WARNED : byPolicy(finding);
  };
}

/** Of what the verdict does not name: its lists are cut, its rules are not. */
function treatmentByPolicy(
  { rules }: Pick<Policy, 'rules'>,
  undecided: ReadonlySet<string>,
): (finding: Finding) => Treatment {
  const looking = rules.flatMap(entry => {
    const looksAt = RULES.get(entry.rule)?.looksAt;
    return looksAt === undefined
      ? []
      : [
          {
            type: looksAt.type,
            action: entry.action,
            leavesOut: undecided.has(entry.rule)
              ? () => `the rule ${entry.rule} is indeterminate`
              : looksAt.leavesOut(entry),
          },
        ];
  });
  return finding => {
    let why: string | undefined;
    let isWarned = false;
    for (const { type, action, leavesOut } of looking) {
      if (type !== finding.type) continue;
      const leftOut = leavesOut(finding);
      if (leftOut !== undefined) why ??= leftOut;
      else if (action === 'warn') isWarned = true;
      // it counts, and is neither refused nor waived
      else return { treatment: 'deferred', why: 'in its grace period' };
    }
    if (isWarned) return WARNED;
    return { treatment: 'left out', why: why ?? `no rule of the policy looks at ${PLURAL[finding.type]}` };
  };
}

const PLURAL: Readonly<Record<Finding['type'], string>> = {
  vulnerability: 'vulnerabilities',
  secret: 'secrets',
  misconfiguration: 'misconfigurations',
  license: 'licences that Trivy reports as findings',
};

function day(time: string): string {
  return time.slice(0, 10);
}
