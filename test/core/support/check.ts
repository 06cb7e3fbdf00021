import { RULES } from '../../../src/core/policy/rules';
import type { RuleInput, RuleOutcome } from '../../../src/core/policy/rules/rule';

/** A rule on its own, with the parameters of its entry in a policy. */
export function check(rule: string, input: RuleInput, parameters: object = {}): RuleOutcome {
  return RULES.get(rule)!.check(input, { rule, action: 'deny', ...parameters });
}

export function issues(outcome: RuleOutcome): string[] {
  if ('failure' in outcome) throw new Error(outcome.failure.detail);
  return outcome.issues.map(({ message }) => message);
}
