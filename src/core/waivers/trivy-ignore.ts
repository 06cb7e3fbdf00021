import type { ImportOptions } from './imported';
import { fromLines } from './trivy-ignore-lines';
import { fromYaml } from './trivy-ignore-yaml';
import type { Waivers } from './waiver';
import type { Result } from '../result';
import type { WaiverProblem } from '../text/problem';

/**
 * The ignore file of Trivy, as waivers. It says neither who answers for an entry nor where the entry holds. A
 * waiver covers nothing that the file does not cover in Trivy: `test/conformance/trivy-ignore.ts` asks both.
 * @see https://trivy.dev/docs/latest/configuration/filtering/
 */
export function fromTrivyIgnore(
  text: string,
  file: string,
  options: ImportOptions,
): Result<Waivers, WaiverProblem[]> {
  return /\.ya?ml$/.test(file) ? fromYaml(text, file, options) : fromLines(text, file, options);
}
