import * as fc from 'fast-check';
import type { Cause } from '../../../src/core/scanning/attempt';
import { classifyBuildStatus, classifyScannerFailure, readCoverage, readScannerRun, readScannerVersion } from '../../../src/core/scanning/scan-outcome';
import { failure, FAILURES, recorded, REPORTS, said } from '../support/reports';

/** Cause, and what a person has to read to know what to do. */
const EXPECTED: Record<string, [Cause, RegExp]> = {
  'attestation': ['SCANNER_FAILED', /unexpected EOF$/],
  'blob-403': ['REGISTRY_DENIED', /403 Forbidden/],
  'blob-429': ['REGISTRY_THROTTLED', /TOOMANYREQUESTS: Rate exceeded$/],
  'blob-500': ['REGISTRY_UNAVAILABLE', /UNKNOWN: Internal server error$/],
  'broken-corrupt-layer': ['SCANNER_FAILED', /unexpected EOF$/],
  'connection-refused': ['REGISTRY_UNAVAILABLE', /connection refused$/],
  'database-repository-404': ['DATABASE_UNAVAILABLE', /NAME_UNKNOWN: Unknown name$/],
  'database-repository-refused': ['DATABASE_UNAVAILABLE', /connection refused$/],
  'database-schema': ['DATABASE_UNAVAILABLE', /old DB schema. Local DB: 1, Expected: 2$/],
  'helm-chart': ['UNSCANNABLE', /unsupported artifact type "application\/vnd.cncf.helm.config.v1\+json"/],
  'layer-cut-off': ['SCANNER_FAILED', /unexpected EOF$/],
  'missing-blob': ['UNSCANNABLE', /BLOB_UNKNOWN: Unknown blob$/],
  'missing-digest': ['IMAGE_GONE', /MANIFEST_UNKNOWN: Unknown manifest$/],
  'missing-platform': ['IMAGE_GONE', /no child with platform linux\/s390x/],
  'missing-repository': ['IMAGE_GONE', /NAME_UNKNOWN: Unknown name$/],
  'missing-tag': ['IMAGE_GONE', /MANIFEST_UNKNOWN: Unknown manifest$/],
  'no-database': ['DATABASE_UNAVAILABLE', /--skip-db-update cannot be specified on the first run$/],
  'no-java-database': ['DATABASE_UNAVAILABLE', /Java DB update failed/],
  'status-401': ['REGISTRY_DENIED', /401 Unauthorized: Not Authorized$/],
  'status-403': ['REGISTRY_DENIED', /is not authorized to perform: ecr:BatchGetImage/],
  'status-403-token-expired': ['REGISTRY_UNAVAILABLE', /authorization token has expired/],
  'status-404': ['IMAGE_GONE', /MANIFEST_UNKNOWN: Requested image not found$/],
  'status-404-repository': ['IMAGE_GONE', /NAME_UNKNOWN: The repository with name 'team\/clean' does not exist/],
  'status-429': ['REGISTRY_THROTTLED', /TOOMANYREQUESTS: Rate exceeded$/],
  'status-500': ['REGISTRY_UNAVAILABLE', /UNKNOWN: Internal server error$/],
  'status-503': ['REGISTRY_UNAVAILABLE', /503 Service Unavailable/],
  'timeout': ['SCAN_TIMED_OUT', /context deadline exceeded$/],
  'truncated-database': ['SCANNER_CRASHED', /^panic: assertion failed: Page expected to be: 12, but self identifies as 0$/],
  'unknown-host': ['REGISTRY_UNAVAILABLE', /no such host$/],
};

describe('why Trivy failed (rule 4.4)', () => {
  test('every recorded failure has an expectation', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...FAILURES].sort());
  });

  test.each(FAILURES)('%s', name => {
    const { exitCode, errors } = failure(name);
    const { cause, detail } = classifyScannerFailure(exitCode, errors);
    const [expectedCause, telling] = EXPECTED[name];
    expect({ cause, detail }).toEqual({ cause: expectedCause, detail: expect.stringMatching(telling) });
    expect(detail).not.toMatch(/embedded checks|Loaded|file_path/);
    expect(Array.from(detail).length).toBeLessThanOrEqual(400);
    expect(detail).not.toMatch(/[\n\t]/);
  });

  test.each([124, 137, 143])('ended by timeout(1) with %d: the time was up, whatever it said before', exitCode => {
    expect(classifyScannerFailure(exitCode, failure('status-429').errors)).toMatchObject({ cause: 'SCAN_TIMED_OUT' });
  });

  test('what a healthy run says is no cause', () => {
    for (const name of REPORTS) expect(classifyScannerFailure(1, said(name))).toMatchObject({ cause: 'SCANNER_FAILED', detail: expect.not.stringMatching('embedded checks') });
  });

  test('what was said of the database before the fatal error is not the cause', () => {
    const { errors } = failure('status-429');
    const download = '2026-11-25T01:26:05Z\tINFO\t[vulndb] Downloading vulnerability DB...\n2026-11-25T01:26:05Z\tINFO\t[vulndb] Downloading artifact...\trepo="mirror/trivy-db:2"\n';
    expect(classifyScannerFailure(1, download + errors)).toMatchObject({ cause: 'REGISTRY_THROTTLED' });
  });

  test('a wrong flag: the complaint is shown', () => {
    expect(classifyScannerFailure(1, 'Error: unknown flag: --nonsense\nUsage:\n  trivy image')).toEqual({ cause: 'SCANNER_FAILED', detail: 'Error: unknown flag: --nonsense' });
  });

  test('any text leads to a cause and one line of visible characters (rule 5.5)', () => {
    fc.assert(fc.property(fc.integer(), fc.string({ unit: 'binary' }), fc.constantFrom('', 'FATAL ', '\t* ', 'panic: '), (exitCode, text, start) => {
      const { cause, detail } = classifyScannerFailure(exitCode, start + text);
      expect(cause).toBeDefined();
      expect(detail).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,400}$/u);
    }), { numRuns: 100 });
  });
});

describe('whether the database knows the release', () => {
  test.each([
    ['clean', false],
    ['alpine-eol', false],
    ['unknown-os-release', true],
  ])('%s: unknown %s', (name, unknownRelease) => {
    expect(readCoverage(said(name))).toEqual({ unknownRelease });
  });

  test('only one of the recorded images has a release that is not known', () => {
    const systems = REPORTS.filter(name => name !== 'scratch');
    expect(systems.filter(name => readCoverage(said(name)).unknownRelease)).toEqual(['unknown-os-release']);
  });

  test('a system that Trivy does not support is not known', () => {
    expect(readCoverage('2026-11-25T01:49:39Z\tINFO\tDetected OS\tfamily="none" version=""\n2026-11-25T01:49:39Z\tWARN\tUnsupported os\tfamily="none"\n')).toEqual({ unknownRelease: true });
  });

  test.each([
    ['nothing was said', ''],
    ['a flood of warnings pushed the start out of what is kept', said('unknown-os-release').split('\n').slice(-4).join('\n')],
    ['a file is called so', said('unknown-os-release').replace(/^.*(?:Detected OS|EOL list).*\n/gm, '') + '2026-11-25T01:49:39Z\tWARN\tInvalid file\tpath="INFO\\tDetected OS\\t"\n'],
  ])('not known where %s', (_, errors) => {
    expect(readCoverage(errors)).toEqual({ unknownRelease: true });
  });
});

describe('run.json and version.json', () => {
  test('reads what Trivy says of its version and database', () => {
    expect(readScannerVersion(recorded('trivy-version.json'))).toEqual({ ok: true, value: { version: '0.74.0', databaseUpdatedAt: '2026-11-24T06:00:00.000Z' } });
  });

  test.each([
    ['no database', '{"Version":"0.74.0"}', 'DATABASE_UNAVAILABLE'],
    ['a date that is none', '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"yesterday"}}', 'DATABASE_UNAVAILABLE'],
    ['a version that is none', '{"Version":"<b>","VulnerabilityDB":{"UpdatedAt":"2026-11-24T06:00:00Z"}}', 'REPORT_INVALID'],
    ['no JSON', 'trivy: not found', 'REPORT_INVALID'],
    ['nothing', '', 'REPORT_INVALID'],
  ])('version.json with %s is a failure', (_, text, cause) => {
    expect(readScannerVersion(text)).toMatchObject({ ok: false, error: { cause } });
  });

  test('reads how a run ended', () => {
    const run = { exitCode: 1, startedAt: '2026-11-25T01:00:00Z', finishedAt: '2026-11-25T01:01:00Z' };
    expect(readScannerRun(JSON.stringify(run))).toEqual({ ok: true, value: run });
  });

  test.each([
    ['no exit code', { startedAt: '2026-11-25T01:00:00Z', finishedAt: '2026-11-25T01:01:00Z' }],
    ['an exit code that is text', { exitCode: '0', startedAt: '2026-11-25T01:00:00Z', finishedAt: '2026-11-25T01:01:00Z' }],
    ['a time that is none', { exitCode: 0, startedAt: 'now', finishedAt: '2026-11-25T01:01:00Z' }],
  ])('run.json with %s is a failure', (_, run) => {
    expect(readScannerRun(JSON.stringify(run))).toMatchObject({ ok: false, error: { cause: 'REPORT_INVALID' } });
  });
});

test.each([
  ['SUCCEEDED', undefined],
  ['TIMED_OUT', 'BUILD_TIMED_OUT'],
  ['STOPPED', 'BUILD_STOPPED'],
  ['FAULT', 'BUILD_FAULT'],
  ['FAILED', 'BUILD_FAILED'],
  ['SOMETHING_NEW', 'BUILD_FAILED'],
])('a build that ended as %s: %s', (status, cause) => {
  expect(classifyBuildStatus(status)?.cause).toBe(cause);
});
