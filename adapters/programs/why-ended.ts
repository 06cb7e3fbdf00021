import type { Ended } from './process';
import type { Failure } from '../../src/core/scanning/failed-scan';
import { classifyFailure, type ScannerRun } from '../../src/core/scanning/scan-outcome';

/**
 * In a build 137 says that the time was up. Here that is 124: it was somebody else who ended it, and mostly
 * the kernel, for the memory.
 */
export function whyEnded(
  step: ScannerRun['step'],
  { code, stderr }: Pick<Ended, 'code' | 'stderr'>,
): Failure {
  if (code <= 128) return classifyFailure({ step, exitCode: code }, stderr);
  const who = step === 'read' || step === 'account' ? 'the reader of images' : 'Trivy';
  return {
    cause: 'SCANNER_CRASHED',
    detail: `${who} was ended by a signal (exit code ${code}), as it is where memory is exhausted`,
  };
}
