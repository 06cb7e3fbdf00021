import { SCANNERS } from './options';
import type { Policy } from '../../src/core/policy/policy';
import { RULES } from '../../src/core/policy/rules';
import type { Scanner } from '../../src/core/scanning/trivy-flags';

type Rules = Policy['rules'];

/**
 * A rule whose scanner is off is not asked, and an image with a rule that was not asked never passes. That
 * includes rules that only warn, since they may be indeterminate. A rule that this version does not know may
 * look at anything.
 */
export function askable(
  rules: Rules,
  scanners: readonly Scanner[],
): { readonly asked: Rules; readonly notAsked: Rules } {
  const isAsked = ({ rule }: Rules[number]) =>
    (RULES.get(rule)?.scanners ?? SCANNERS).every(scanner => scanners.includes(scanner));
  return { asked: rules.filter(isAsked), notAsked: rules.filter(rule => !isAsked(rule)) };
}
