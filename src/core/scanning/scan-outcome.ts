import * as z from 'zod';
import { parseJson } from '../json';
import { plainText } from '../plain-text';
import { failed, ok, type Result } from '../result';
import type { Cause, Failure } from './attempt';

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
 * Lines of Trivy 0.74 on standard error, the most telling first. Trivy says "unable to find the specified image" for all of the
 * registry's answers; the cause is what the registry said (recorded in test/reports/errors).
 */
const SIGNS: readonly (readonly [RegExp, Cause])[] = [
  [/unsupported artifact type|unsupported MediaType|unsupported media type/i, 'UNSCANNABLE'],
  [/(?:failed to download|DB error|OCI artifact error|failed to (?:open|init)[^\n]*\bDB\b|vulnerability database|trivy-(?:java-)?db|unable to initialize the[^\n]* DB|--skip-db-update cannot be specified)/i, 'DATABASE_UNAVAILABLE'],
  [/TOOMANYREQUESTS|429 Too Many Requests|status code 429/i, 'REGISTRY_THROTTLED'],
  [/401 Unauthorized|403 Forbidden|UNAUTHORIZED|DENIED|status code 40[13]/, 'REGISTRY_DENIED'],
  [/MANIFEST_UNKNOWN|NAME_UNKNOWN|404 Not Found|status code 404|no child with platform/, 'IMAGE_GONE'],
  [/context deadline exceeded|provide a higher timeout value/i, 'SCAN_TIMED_OUT'],
  [/BLOB_UNKNOWN|unexpected EOF|invalid header|unable to get uncompressed layer|gzip: |archive\/tar: |zstd: |invalid checksum/i, 'UNSCANNABLE'],
  [/\b50[0234] |status code 5\d\d|connection refused|connection reset|no such host|i\/o timeout|TLS handshake/i, 'REGISTRY_UNAVAILABLE'],
];

/** Why Trivy ended with another exit code than 0. */
export function classifyScannerFailure(exitCode: number, errors: string): Failure {
  const detail = plainText(errors.split('\n').filter(line => /FATAL|ERROR|\* |panic:/.test(line)).slice(-3).join(' | ') || `Trivy ended with exit code ${exitCode}`, 400);
  if (TIMED_OUT.has(exitCode)) return { cause: 'SCAN_TIMED_OUT', detail: 'Trivy did not finish in time and was ended' };
  if (exitCode === PANICKED) return { cause: 'SCANNER_CRASHED', detail };
  const sign = SIGNS.find(([pattern]) => pattern.test(errors.slice(-16_384)));
  return { cause: sign?.[1] ?? 'SCANNER_FAILED', detail };
}

/** Trivy looks releases up in a calendar before it looks them up in its database, and warns where it knows them from neither. */
export function readCoverage(errors: string): { unknownRelease: boolean } {
  return { unknownRelease: /not on the EOL list|Unsupported (?:os|operating system)|unsupported os version/i.test(errors) };
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
