import * as z from 'zod';
import { failed, ok, type Result } from '../result';
import type { Cause, Failure } from './failed-scan';
import { signIn } from './scanner-signs';
import { parseJson } from '../text/json';
import { plainText } from '../text/plain-text';

/** Exit code of `timeout` when the time was up, and of a process that had to be killed. */
const TIMED_OUT = new Set([124, 137, 143]);
/** A Go program that panics ends with 2; Trivy's own failures are all 1. */
const PANICKED = 2;

/** `run.json`: how far the build came, and how that step ended. */
export const ScannerRun = z.object({
  /** The image is read while the databases are downloaded; then its normal form is scanned. */
  step: z.enum(['read', 'download', 'scan']),
  exitCode: z.number().int(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
});
export type ScannerRun = z.infer<typeof ScannerRun>;

/** `version.json`: `trivy version --format json`. The report names neither the database nor its age. */
const ScannerVersion = z.object({
  Version: z.string().regex(/^\d+\.\d+\.\d+$/),
  VulnerabilityDB: z.object({ UpdatedAt: z.string() }).optional(),
});

export function readScannerRun(text: string): Result<ScannerRun, Failure> {
  const run = ScannerRun.safeParse(parseJson(text));
  return run.success
    ? ok(run.data)
    : failed({ cause: 'REPORT_INVALID', detail: "the build's run.json is unreadable" });
}

export function readScannerVersion(
  text: string,
): Result<{ version: string; databaseUpdatedAt: string }, Failure> {
  const version = ScannerVersion.safeParse(parseJson(text));
  if (!version.success) {
    return failed({ cause: 'REPORT_INVALID', detail: "the scanner's version.json is unreadable" });
  }
  const updatedAt = Date.parse(version.data.VulnerabilityDB?.UpdatedAt ?? '');
  if (Number.isNaN(updatedAt)) {
    return failed({ cause: 'DATABASE_UNAVAILABLE', detail: 'the scanner had no vulnerability database' });
  }
  return ok({ version: version.data.Version, databaseUpdatedAt: new Date(updatedAt).toISOString() });
}

/**
 * What Trivy 0.74 says when it ends (recorded in test/reports/errors). It scans without a network, so no
 * registry is among the causes.
 */
const SIGNS: readonly (readonly [RegExp, Cause])[] = [
  [/DB error|Java DB|vulnerability DB/, 'DATABASE_UNAVAILABLE'],
  [/context deadline exceeded|context canceled|provide a higher timeout value/i, 'SCAN_TIMED_OUT'],
];

/** Trivy has its checks built in, and says at ERROR that it uses them. */
const HARMLESS = /Falling back to embedded checks/;
const DETAIL_CHARACTERS = 400;

/**
 * Why a build came no further than to a step, or Trivy on the command line: by how that step ended, and what was
 * said.
 */
export function classifyFailure(
  { step, exitCode }: Pick<ScannerRun, 'step' | 'exitCode'>,
  errors: string,
): Failure {
  const isLate = TIMED_OUT.has(exitCode);
  const said = lastWords(errors);
  const detail = telling(said);
  switch (step) {
    case 'read': // the reader of images writes down why, but for what ended it from outside
      if (isLate) return { cause: 'SCAN_TIMED_OUT', detail: 'the image was not read in time' };
      return {
        cause: exitCode === PANICKED ? 'SCANNER_CRASHED' : 'SCANNER_FAILED',
        detail:
          plainText(errors, DETAIL_CHARACTERS) || `the reader of images ended with exit code ${exitCode}`,
      };
    case 'download':
      return {
        cause: 'DATABASE_UNAVAILABLE',
        detail: isLate
          ? 'the database was not downloaded in time'
          : detail || `Trivy ended with exit code ${exitCode} while it downloaded a database`,
      };
    case 'scan': {
      if (isLate) return { cause: 'SCAN_TIMED_OUT', detail: 'Trivy did not finish in time and was ended' };
      const cause =
        exitCode === PANICKED
          ? 'SCANNER_CRASHED'
          : (SIGNS.find(([pattern]) => pattern.test(said.join('\n')))?.[1] ?? 'SCANNER_FAILED');
      return { cause, detail: detail || `Trivy ended with exit code ${exitCode}` };
    }
  }
}

/**
 * The fatal error with the lines that belong to it, or the panic, or else the last issue. What was said
 * before did not end the scan.
 */
function lastWords(errors: string): string[] {
  const lines = errors
    .slice(-16_384)
    .split('\n')
    .filter(line => line.trim() !== '');
  const panic = lines.findIndex(line => /^(?:panic|fatal error): /.test(line));
  if (panic >= 0) return lines.slice(panic, panic + 1);
  const fatal = lines.map(line => /\bFATAL\b/.test(line)).lastIndexOf(true);
  return fatal >= 0
    ? lines.slice(fatal)
    : lines.filter(line => /\bERROR\b|^Error: /.test(line) && !HARMLESS.test(line)).slice(-1);
}

/** Go wraps errors from the outside in: the items of a list tell the cause, or else the end of the line. */
function telling(said: readonly string[]): string {
  const items = said.filter(line => /^\s*\* /.test(line));
  const line = plainText(
    (items.length > 0 ? items : said.slice(0, 1))
      .join(' ')
      .replace(/^\S*\s*\b(?:FATAL|ERROR)\s+(?:Fatal error\s+)?/, ''),
    4000,
  );
  const characters = Array.from(line);
  return characters.length <= DETAIL_CHARACTERS
    ? line
    : '…' + characters.slice(1 - DETAIL_CHARACTERS).join('');
}

/**
 * Trivy looks releases up in a calendar before it looks them up in its database, and warns where it knows
 * them from neither, or asks about another release than that of the image. Where it does not even say which
 * system it found, nobody knows what else it did not say.
 */
export function readCoverage(errors: string): { unknownRelease: boolean } {
  const said = new Set(errors.split('\n').map(signIn));
  return {
    unknownRelease:
      !said.has('system') || said.has('noCalendar') || said.has('noAdvisories') || said.has('otherRelease'),
  };
}

/** What the end of a build means when CodeBuild itself says that it did not succeed. */
export function classifyBuildStatus(status: string): Failure | undefined {
  switch (status) {
    case 'SUCCEEDED':
      return undefined;
    case 'TIMED_OUT':
      return { cause: 'BUILD_TIMED_OUT', detail: 'the build reached its time limit' };
    case 'STOPPED':
      return { cause: 'BUILD_STOPPED', detail: 'somebody stopped the build' };
    case 'FAULT':
      return { cause: 'BUILD_FAULT', detail: 'CodeBuild ended the build with a fault' };
    default:
      return { cause: 'BUILD_FAILED', detail: `the build ended with status ${plainText(status, 40)}` };
  }
}
