import type { DockerfileFinding, Level } from './checks/finding';
import { checksSarif, type CheckResult } from '../src/core/scanning/checks-sarif';

/** The same three words as for an image. */
export type Outcome = 'PASS' | 'FAIL' | 'ERROR';

/** A refused finding decides, even if another one is unclear. */
export function outcomeOf(findings: readonly DockerfileFinding[]): Outcome {
  const has = (wanted: Level) => findings.some(({ level }) => level === wanted);
  if (has('refused')) return 'FAIL';
  return has('unclear') ? 'ERROR' : 'PASS';
}

export interface DockerfileReport {
  readonly version: 1;
  readonly file: string;
  readonly outcome: Outcome;
  readonly findings: readonly DockerfileFinding[];
}

export function reportOf(file: string, findings: readonly DockerfileFinding[]): DockerfileReport {
  return { version: 1, file, outcome: outcomeOf(findings), findings };
}

const LEVELS: Readonly<Record<Level, CheckResult['level']>> = {
  refused: 'error',
  unclear: 'error',
  warned: 'warning',
};

export function dockerfileSarif({ file, findings }: DockerfileReport): object {
  return checksSarif(findings.map(finding => ({ ...finding, file, level: LEVELS[finding.level] })));
}
