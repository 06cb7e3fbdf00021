import * as z from 'zod';
import { parseJson } from '../json';
import { plainText } from '../plain-text';
import { failed, ok, type Result } from '../result';
import type { Cause, Failure } from './attempt';
import { signIn } from './scanner-signs';

/** Exit code of `timeout` when the time was up, and of a process that had to be killed. */
const TIMED_OUT = new Set([124, 137, 143]);
/** A Go program that panics ends with 2; Trivy's own failures are all 1. */
const PANICKED = 2;

/** `run.json`: what the build says of its run of Trivy. */
export const ScannerRun = z.object({
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
  return run.success ? ok(run.data) : failed({ cause: 'REPORT_INVALID', detail: 'the build\'s run.json is unreadable' });
}

export function readScannerVersion(text: string): Result<{ version: string; databaseUpdatedAt: string }, Failure> {
  const version = ScannerVersion.safeParse(parseJson(text));
  if (!version.success) return failed({ cause: 'REPORT_INVALID', detail: 'the scanner\'s version.json is unreadable' });
  const updatedAt = Date.parse(version.data.VulnerabilityDB?.UpdatedAt ?? '');
  if (Number.isNaN(updatedAt)) return failed({ cause: 'DATABASE_UNAVAILABLE', detail: 'the scanner had no vulnerability database' });
  return ok({ version: version.data.Version, databaseUpdatedAt: new Date(updatedAt).toISOString() });
}

/**
 * What Trivy 0.74 says when it ends, the most telling first. It says "unable to find the specified image" for all of the registry's
 * answers; the cause is what the registry said (recorded in test/reports/errors).
 */
const SIGNS: readonly (readonly [RegExp, Cause])[] = [
  [/unsupported artifact type|unsupported media ?type/i, 'UNSCANNABLE'],
  [/DB error|Java DB|vulnerability DB/, 'DATABASE_UNAVAILABLE'],
  [/TOOMANYREQUESTS|429 Too Many Requests|status code 429/i, 'REGISTRY_THROTTLED'],
  [/authorization token has expired/i, 'REGISTRY_UNAVAILABLE'], // the next build gets one of its own
  [/401 Unauthorized|403 Forbidden|UNAUTHORIZED|DENIED|status code 40[13]/, 'REGISTRY_DENIED'],
  [/MANIFEST_UNKNOWN|NAME_UNKNOWN|404 Not Found|status code 404|no child with platform/, 'IMAGE_GONE'],
  [/context deadline exceeded|context canceled|provide a higher timeout value/i, 'SCAN_TIMED_OUT'],
  [/unexpected EOF/, 'SCANNER_FAILED'], // a layer that is broken, or a connection that was: Trivy says the same of both, so it is tried again
  [/BLOB_UNKNOWN|invalid header|unable to get uncompressed layer|gzip: |archive\/tar: |zstd: |invalid checksum/i, 'UNSCANNABLE'],
  [/: UNKNOWN: |\b50[0234] |status code 5\d\d|connection refused|connection reset|no such host|i\/o timeout|TLS handshake/i, 'REGISTRY_UNAVAILABLE'],
];

/** Trivy has its checks built in, and says at ERROR that it uses them. */
const HARMLESS = /Falling back to embedded checks/;
const DETAIL_CHARACTERS = 400;

/** Why Trivy ended with another exit code than 0. */
export function classifyScannerFailure(exitCode: number, errors: string): Failure {
  if (TIMED_OUT.has(exitCode)) return { cause: 'SCAN_TIMED_OUT', detail: 'Trivy did not finish in time and was ended' };
  const said = lastWords(errors);
  const detail = telling(said) || `Trivy ended with exit code ${exitCode}`;
  if (exitCode === PANICKED) return { cause: 'SCANNER_CRASHED', detail };
  const sign = SIGNS.find(([pattern]) => pattern.test(said.join('\n')));
  return { cause: sign?.[1] ?? 'SCANNER_FAILED', detail };
}

/** The fatal error with the lines that belong to it, or the panic, or else the last complaint. What was said before did not end the scan. */
function lastWords(errors: string): string[] {
  const lines = errors.slice(-16_384).split('\n').filter(line => line.trim() !== '');
  const panic = lines.findIndex(line => /^(?:panic|fatal error): /.test(line));
  if (panic >= 0) return lines.slice(panic, panic + 1);
  const fatal = lines.map(line => /\bFATAL\b/.test(line)).lastIndexOf(true);
  return fatal >= 0 ? lines.slice(fatal) : lines.filter(line => /\bERROR\b|^Error: /.test(line) && !HARMLESS.test(line)).slice(-1);
}

/** Go wraps errors from the outside in: the items of a list tell the cause, or else the end of the line. */
function telling(said: readonly string[]): string {
  const items = said.filter(line => /^\s*\* /.test(line));
  const line = plainText((items.length > 0 ? items : said.slice(0, 1)).join(' ').replace(/^\S*\s*\b(?:FATAL|ERROR)\s+(?:Fatal error\s+)?/, ''), 4000);
  const characters = Array.from(line);
  return characters.length <= DETAIL_CHARACTERS ? line : '…' + characters.slice(1 - DETAIL_CHARACTERS).join('');
}

/**
 * Trivy looks releases up in a calendar before it looks them up in its database, and warns where it knows them from neither, or asks about another release
 * than that of the image. Where it does not even say which system it found, nobody knows what else it did not say.
 */
export function readCoverage(errors: string): { unknownRelease: boolean } {
  const said = new Set(errors.split('\n').map(signIn));
  return { unknownRelease: !said.has('system') || said.has('noCalendar') || said.has('noAdvisories') || said.has('otherRelease') };
}

/** What the end of a build means when CodeBuild itself says that it did not succeed. */
export function classifyBuildStatus(status: string): Failure | undefined {
  switch (status) {
    case 'SUCCEEDED': return undefined;
    case 'TIMED_OUT': return { cause: 'BUILD_TIMED_OUT', detail: 'the build reached its time limit' };
    case 'STOPPED': return { cause: 'BUILD_STOPPED', detail: 'somebody stopped the build' };
    case 'FAULT': return { cause: 'BUILD_FAULT', detail: 'CodeBuild ended the build with a fault' };
    default: return { cause: 'BUILD_FAILED', detail: `the build ended with status ${plainText(status, 40)}` };
  }
}
