import { SCANNERS } from './options';
import type { Policy } from '../../src/core/policy/policy';
import type { Scanner } from '../../src/core/scanning/trivy-flags';

/**
 * The scanners that each rule needs. Packages, and the operating system's end of life, come with the search
 * for vulnerabilities.
 */
const NEEDS: Readonly<Record<string, readonly Scanner[]>> = {
  'allowed-base-images': [],
  coverage: ['vuln'],
  'database-age': ['vuln'],
  'denied-packages': ['vuln'],
  'end-of-life-os': ['vuln'],
  'image-age': [],
  licenses: ['vuln'],
  misconfigurations: ['misconfig'],
  'required-labels': [],
  'runs-as-root': [],
  secrets: ['secret'],
  vulnerabilities: ['vuln'],
};

type Rules = Policy['rules'];

/**
 * Rules whose scanner is off are not evaluated, and then the outcome is never a PASS, even for a rule that
 * only warns. Rego, and a rule that is not known here, may need any scanner.
 */
export function askable(
  rules: Rules,
  scanners: readonly Scanner[],
): { readonly asked: Rules; readonly notAsked: Rules } {
  const isAsked = ({ rule }: Rules[number]) =>
    (NEEDS[rule] ?? SCANNERS).every(scanner => scanners.includes(scanner));
  return { asked: rules.filter(isAsked), notAsked: rules.filter(rule => !isAsked(rule)) };
}
