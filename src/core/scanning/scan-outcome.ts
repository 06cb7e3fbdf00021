import * as z from 'zod';
import { failed, ok, type Result } from '../result';
import type { Cause, Failure } from './failed-scan';
import type { Build } from './provenance';
import { signIn, THROTTLED } from './scanner-signs';
import { parseJson } from '../text/json';
import { nameText, plainText } from '../text/plain-text';

/** As `timeout` and shells say it: the time was up; above the second one, a signal of somebody else's. */
const TIMED_OUT = 124;
const BY_SIGNAL = 128;
/** A Go program that panics ends with 2; Trivy's own failures are all 1. */
const PANICKED = 2;

/** `run.json`: the last step of the build, and how it ended. */
export const ScannerRun = z.object({
  /**
   * `read` and `download` run at the same time; `scan` scans the normal form; `account` matches its report
   * with what the image declares.
   */
  step: z.enum(['read', 'download', 'scan', 'account']),
  exitCode: z.number().int(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
});
export type ScannerRun = z.infer<typeof ScannerRun>;

/** `version.json`: `trivy version --format json`. The report names neither the database nor its age. */
const ScannerVersion = z.object({
  Version: z.string().regex(/^\d+\.\d+\.\d+$/),
  VulnerabilityDB: z.object({ UpdatedAt: z.string() }).optional(),
  JavaDB: z.object({ UpdatedAt: z.string() }).optional(),
});

export function readScannerRun(text: string): Result<ScannerRun, Failure> {
  const run = ScannerRun.safeParse(parseJson(text));
  return run.success
    ? ok(run.data)
    : failed({ cause: 'REPORT_INVALID', detail: "the build's run.json is unreadable" });
}

export function readScannerVersion(
  text: string,
): Result<{ version: string; database: { updatedAt: string; javaUpdatedAt?: string } }, Failure> {
  const version = ScannerVersion.safeParse(parseJson(text));
  if (!version.success) {
    return failed({ cause: 'REPORT_INVALID', detail: "the scanner's version.json is unreadable" });
  }
  const updatedAt = Date.parse(version.data.VulnerabilityDB?.UpdatedAt ?? '');
  if (Number.isNaN(updatedAt)) {
    return failed({ cause: 'DATABASE_UNAVAILABLE', detail: 'the scanner had no vulnerability database' });
  }
  const javaUpdatedAt = Date.parse(version.data.JavaDB?.UpdatedAt ?? '');
  return ok({
    version: version.data.Version,
    database: {
      updatedAt: new Date(updatedAt).toISOString(),
      ...(!Number.isNaN(javaUpdatedAt) && { javaUpdatedAt: new Date(javaUpdatedAt).toISOString() }),
    },
  });
}

/**
 * Errors of Trivy 0.74 (recorded in test/reports/errors). It scans without a network: no registry is a
 * cause.
 */
const SIGNS: readonly (readonly [RegExp, Cause])[] = [
  [/DB error|Java DB|vulnerability DB/, 'DATABASE_UNAVAILABLE'],
  [/context deadline exceeded|context canceled|provide a higher timeout value/i, 'SCAN_TIMED_OUT'],
];

const IS_THROTTLED = new RegExp(THROTTLED);
/** What a registry answers with 403: its message names the right that is missing. */
const IS_DENIED = /\bDENIED: /;

/** Trivy uses its embedded checks, and logs that as an ERROR. */
const HARMLESS = /Falling back to embedded checks/;
const DETAIL_CHARACTERS = 400;
const LATE = {
  read: 'the image was not read',
  account: 'the report was not matched with what the image declares',
} as const;

/**
 * The cause of a step that failed, in a build or on the command line: from its exit code and its error
 * output.
 */
export function classifyFailure(
  { step, exitCode }: Pick<ScannerRun, 'step' | 'exitCode'>,
  errors: string,
): Failure {
  if (exitCode > BY_SIGNAL) {
    const who = step === 'read' || step === 'account' ? 'the reader of images' : 'Trivy';
    return {
      cause: 'SCANNER_CRASHED',
      detail: `${who} was ended by a signal (exit code ${exitCode}), as it is where memory is exhausted`,
    };
  }
  const isLate = exitCode === TIMED_OUT;
  const said = lastWords(errors);
  const detail = telling(said);
  switch (step) {
    case 'read': // the reader of images writes form.json with the cause, unless it was killed
    case 'account':
      if (isLate) return { cause: 'SCAN_TIMED_OUT', detail: `${LATE[step]} in time` };
      return {
        cause: exitCode === PANICKED ? 'SCANNER_CRASHED' : 'SCANNER_FAILED',
        detail:
          plainText(errors, DETAIL_CHARACTERS) || `the reader of images ended with exit code ${exitCode}`,
      };
    case 'download': {
      if (isLate) return { cause: 'DATABASE_UNAVAILABLE', detail: 'the database was not downloaded in time' };
      // a registry after it, or another login, may have failed otherwise
      const lines = errors.split('\n');
      const throttled = lines.filter(line => IS_THROTTLED.test(line)).at(-1);
      if (throttled !== undefined) return { cause: 'DATABASE_THROTTLED', detail: telling([throttled]) };
      const denied = lines.filter(line => IS_DENIED.test(line)).at(-1);
      return {
        cause: 'DATABASE_UNAVAILABLE',
        detail:
          (denied === undefined ? detail : telling([denied])) ||
          `Trivy ended with exit code ${exitCode} while it downloaded a database`,
      };
    }
    case 'scan': {
      if (isLate) return { cause: 'SCAN_TIMED_OUT', detail: 'Trivy did not finish in time and was stopped' };
      const cause =
        exitCode === PANICKED
          ? 'SCANNER_CRASHED'
          : (SIGNS.find(([pattern]) => pattern.test(said.join('\n')))?.[1] ?? 'SCANNER_FAILED');
      return { cause, detail: detail || `Trivy ended with exit code ${exitCode}` };
    }
  }
}

/**
 * The panic, or the fatal error with its lines, or else the last error. Earlier lines did not end the scan.
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

/** Go puts the outermost error first: the cause is in the items of a list, or else at the end of the line. */
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

/** What Trivy could not look up in its database, by its log. */
export interface Unsearched {
  readonly unknownRelease: boolean;
  readonly uncomparedVersion?: string;
}

/**
 * Trivy looks a release up in its calendar and in its database. It warns if neither knows the release, or
 * if it uses another release than that of the image. If it does not even log which system it detected, its
 * warnings may be missing too.
 */
export function readCoverage(errors: string): Unsearched {
  const lines = errors.split('\n');
  const signs = lines.map(signIn);
  const said = new Set(signs);
  const uncompared = lines[signs.indexOf('uncomparedVersion')];
  return {
    unknownRelease:
      !said.has('system') || said.has('noCalendar') || said.has('noAdvisories') || said.has('otherRelease'),
    ...(uncompared !== undefined && { uncomparedVersion: nameText(versionIn(uncompared), 60) }),
  };
}

function versionIn(line: string): string {
  return /version error \(([^)]*)/.exec(line)?.[1] ?? '';
}

/** CodeBuild's word for it. */
const NO_IMAGE = 'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE';

/** The failure of a build that did not succeed according to CodeBuild. */
export function classifyBuildStatus({
  buildStatus,
  phases = [],
}: Pick<Build, 'buildStatus' | 'phases'>): Failure | undefined {
  switch (buildStatus) {
    case 'SUCCEEDED':
      return undefined;
    case 'TIMED_OUT':
      return { cause: 'BUILD_TIMED_OUT', detail: 'the build reached its time limit' };
    case 'STOPPED':
      return { cause: 'BUILD_STOPPED', detail: 'somebody stopped the build' };
    case 'FAULT':
      return { cause: 'BUILD_FAULT', detail: 'CodeBuild ended the build with a fault' };
    default: {
      const [said] = phases.flatMap(({ phaseType, contexts }) =>
        (contexts ?? []).flatMap(({ message = '' }) => (message === '' ? [] : [{ phaseType, message }])),
      );
      if (said?.message.includes(NO_IMAGE) === true) {
        return { cause: 'SCANNER_IMAGE_UNAVAILABLE', detail: plainText(said.message, DETAIL_CHARACTERS) };
      }
      const where =
        said === undefined
          ? ''
          : ` in the phase ${plainText(said.phaseType ?? '', 40)}: ${plainText(said.message, DETAIL_CHARACTERS)}`;
      return {
        cause: 'BUILD_FAILED',
        detail: `the build ended with status ${plainText(buildStatus, 40)}${where}`,
      };
    }
  }
}
