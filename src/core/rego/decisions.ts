import type { RegoProblem } from './problem';

/** A rule as the engine found it. */
export interface FoundRule {
  readonly package: string;
  readonly name: string;
  readonly function: boolean;
  readonly set: boolean;
  readonly nested: boolean;
  readonly file: string;
  readonly row: number;
  readonly column: number;
}

/** A document whose elements are messages. */
export interface RegoRule {
  /** `data.trivy.deny` */
  readonly reference: string;
  readonly refuses: boolean;
}

const REFUSES = new Set(['deny', 'violation']);
const WARNS = 'warn';
/** Other tools evaluate rules with such names too. A policy written for them must not lose one in silence. */
const ALMOST = /^(?:deny|violation|warn)_/;

/** The rules that decide, and why others cannot. */
export function decisionsIn(rules: readonly FoundRule[]): {
  readonly decisions: readonly RegoRule[];
  readonly problems: readonly RegoProblem[];
} {
  const decisions = new Map<string, RegoRule>();
  const problems: RegoProblem[] = [];
  for (const rule of rules) {
    const problem = problemOf(rule);
    if (problem !== undefined) {
      problems.push({
        code: 'policy_rule_error',
        message: problem,
        file: rule.file,
        row: rule.row,
        column: rule.column,
      });
    } else if (isDecision(rule.name)) {
      const reference = `${rule.package}.${rule.name}`;
      decisions.set(reference, { reference, refuses: REFUSES.has(rule.name) });
    }
  }
  const all = [...decisions.values()];
  if (problems.length === 0 && !all.some(({ refuses }) => refuses)) {
    problems.push({
      code: 'policy_rule_error',
      message:
        'no deny or violation rule in any package: a policy without one passes everything; add `deny contains message if { … }`',
    });
  }
  return { decisions: all, problems };
}

function isDecision(name: string): boolean {
  return REFUSES.has(name) || name === WARNS;
}

function problemOf({ name, function: isFunction, set, nested }: FoundRule): string | undefined {
  if (isDecision(name) && isFunction) {
    return `${name} is a function, which is never called; make it a rule: \`${name} contains message if { … }\``;
  }
  if (isDecision(name) && nested) {
    return `the parts of ${name} are not evaluated; make its messages elements of ${name} itself: \`${name} contains message if { … }\``;
  }
  if (ALMOST.test(name) && set) {
    return `${name} is not evaluated, allowed: deny, violation and warn; rename it, or give a helper a name with another beginning`;
  }
  return undefined;
}
