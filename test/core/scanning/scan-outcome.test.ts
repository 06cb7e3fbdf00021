import * as fc from 'fast-check';
import type { Cause } from '../../../src/core/scanning/failed-scan';
import {
  classifyBuildStatus,
  classifyFailure,
  readCoverage,
  readScannerRun,
  readScannerVersion,
} from '../../../src/core/scanning/scan-outcome';
import { failure, FAILURES, recorded, REPORTS, said } from '../support/reports';

/** Cause, and what a person has to read to know what to do. */
const EXPECTED: Record<string, [Cause, RegExp]> = {
  'download-401': ['DATABASE_UNAVAILABLE', /401 Unauthorized: Not Authorized/],
  'download-403': ['DATABASE_UNAVAILABLE', /is not authorized to perform: ecr:BatchGetImage/],
  'download-404': ['DATABASE_UNAVAILABLE', /NAME_UNKNOWN: Unknown name$/],
  'download-429': ['DATABASE_THROTTLED', /TOOMANYREQUESTS: Rate exceeded$/],
  'download-503': ['DATABASE_UNAVAILABLE', /503 Service Unavailable/],
  'download-refused': ['DATABASE_UNAVAILABLE', /connection refused$/],
  'download-unknown-host': ['DATABASE_UNAVAILABLE', /no such host$/],
  'scan-database-schema': ['DATABASE_UNAVAILABLE', /old DB schema. Local DB: 1, Expected: 2$/],
  'scan-no-database': ['DATABASE_UNAVAILABLE', /--skip-db-update cannot be specified on the first run$/],
  'scan-no-java-database': ['DATABASE_UNAVAILABLE', /Java DB update failed/],
  'scan-truncated-database': [
    'SCANNER_CRASHED',
    /^panic: assertion failed: Page expected to be: 12, but self identifies as 0$/,
  ],
};

describe('why a build came no further (rule 4.4, failed scans keep the verdict)', () => {
  test('every recorded failure has an expectation', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...FAILURES].sort());
  });

  test.each(FAILURES)('%s', name => {
    const { errors, ...ended } = failure(name);
    const { cause, detail } = classifyFailure(ended, errors);
    const [expectedCause, telling] = EXPECTED[name];
    expect({ cause, detail }).toEqual({ cause: expectedCause, detail: expect.stringMatching(telling) });
    expect(detail).not.toMatch(/embedded checks|Loaded|file_path/);
    expect(Array.from(detail).length).toBeLessThanOrEqual(400);
    expect(detail).not.toMatch(/[\n\t]/);
  });

  test.each([
    ['read', 'SCAN_TIMED_OUT'],
    ['download', 'DATABASE_UNAVAILABLE'],
    ['scan', 'SCAN_TIMED_OUT'],
  ] as const)('ended with 124 in the step %s: the time was up, whatever it said before', (step, cause) => {
    expect(classifyFailure({ step, exitCode: 124 }, failure('download-429').errors)).toMatchObject({
      cause,
      detail: expect.stringMatching(/in time/),
    });
  });

  test.each([
    ['read', 'the reader of images'],
    ['download', 'Trivy'],
    ['scan', 'Trivy'],
    ['account', 'the reader of images'],
  ] as const)('what somebody else ended in the step %s did not come too late', (step, who) => {
    for (const exitCode of [137, 139, 143]) {
      expect(classifyFailure({ step, exitCode }, '')).toEqual({
        cause: 'SCANNER_CRASHED',
        detail: expect.stringMatching(`^${who} was ended by a signal .exit code ${exitCode}.`),
      });
    }
  });

  test('a registry throttles, and the one after it cannot be reached: both are asked again, and the cause is the first', () => {
    const [throttled] = failure('download-429')
      .errors.split('\n')
      .filter(line => line.includes('\tERROR\t'));
    const unreachable = failure('download-unknown-host').errors;
    expect(classifyFailure({ step: 'download', exitCode: 1 }, `${throttled}\n${unreachable}`)).toMatchObject({
      cause: 'DATABASE_THROTTLED',
      detail: expect.stringMatching(/TOOMANYREQUESTS/),
    });
  });

  test('a registry denies, and the login or registry after it fails otherwise: the detail says which right is missing', () => {
    const denied = failure('download-403').errors;
    const unreachable = failure('download-unknown-host').errors;
    expect(classifyFailure({ step: 'download', exitCode: 1 }, `${denied}\n${unreachable}`)).toMatchObject({
      cause: 'DATABASE_UNAVAILABLE',
      detail: expect.stringMatching(/is not authorized to perform: ecr:BatchGetImage/),
    });
  });

  test('a pull-through cache whose upstream registry throttles is throttled too', () => {
    const errors = failure('download-429').errors.replaceAll(
      'TOOMANYREQUESTS: Rate exceeded',
      'DENIED: Unable to get upstream layer matching pull through cache rule. The credential specified in the pull through cache rule has reached the upstream registry pull rate limit.',
    );
    expect(errors).not.toContain('TOOMANYREQUESTS');
    expect(classifyFailure({ step: 'download', exitCode: 1 }, errors).cause).toBe('DATABASE_THROTTLED');
  });

  test('what a healthy run says is no cause', () => {
    for (const name of REPORTS) {
      expect(classifyFailure({ step: 'scan', exitCode: 1 }, said(name))).toMatchObject({
        cause: 'SCANNER_FAILED',
        detail: expect.not.stringMatching('embedded checks'),
      });
    }
  });

  test('a wrong flag: the issue is shown', () => {
    expect(
      classifyFailure(
        { step: 'scan', exitCode: 1 },
        'Error: unknown flag: --nonsense\nUsage:\n  trivy image',
      ),
    ).toEqual({ cause: 'SCANNER_FAILED', detail: 'Error: unknown flag: --nonsense' });
  });

  test.each([
    [1, 'form/inventory.json cannot be read', 'SCANNER_FAILED', 'form/inventory.json cannot be read'],
    [1, '', 'SCANNER_FAILED', 'the reader of images ended with exit code 1'],
    [2, 'panic: x', 'SCANNER_CRASHED', 'panic: x'],
    [124, '', 'SCAN_TIMED_OUT', 'the report was not matched with what the image declares in time'],
  ])('the accounting ends with %d and %j: %s', (exitCode, errors, cause, detail) => {
    expect(classifyFailure({ step: 'account', exitCode }, errors)).toEqual({ cause, detail });
  });

  test('any text leads to a cause and one line of visible characters (rule 5.5, untrusted text)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('read', 'download', 'scan', 'account'),
        fc.integer(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', 'FATAL ', '\t* ', 'panic: '),
        (step, exitCode, text, start) => {
          const { cause, detail } = classifyFailure({ step, exitCode }, start + text);
          expect(cause).toBeDefined();
          expect(detail).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,400}$/u);
        },
      ),
      { numRuns: 100 },
    );
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
    expect(
      readCoverage(
        '2026-11-25T01:49:39Z\tINFO\tDetected OS\tfamily="none" version=""\n2026-11-25T01:49:39Z\tWARN\tUnsupported os\tfamily="none"\n',
      ),
    ).toEqual({ unknownRelease: true });
  });

  test.each([
    ['nothing was said', ''],
    [
      'a flood of warnings pushed the start out of what is kept',
      said('unknown-os-release').split('\n').slice(-4).join('\n'),
    ],
    [
      'a file is called so',
      said('unknown-os-release').replace(/^.*(?:Detected OS|EOL list).*\n/gm, '') +
        '2026-11-25T01:49:39Z\tWARN\tInvalid file\tpath="INFO\\tDetected OS\\t"\n',
    ],
  ])('not known where %s', (_, errors) => {
    expect(readCoverage(errors)).toEqual({ unknownRelease: true });
  });
});

test('the version that Trivy could not compare is named, and makes no line of its own', () => {
  const line = (version: string) =>
    `2026-11-25T01:49:39Z\tWARN\tVersion matching error\terr="npm version error (${version}): malformed version: ${version}"\n`;
  const detected = '2026-11-25T01:49:39Z\tINFO\tDetected OS\tfamily="alpine" version="3.22.1"\n';
  expect(readCoverage(detected + line('2004b-x'))).toEqual({
    unknownRelease: false,
    uncomparedVersion: '2004b-x',
  });
  expect(readCoverage(detected + line('##[error]https://evil.example')).uncomparedVersion).toBe(
    '# #[error]https: //evil.example',
  );
  expect(readCoverage(detected + line('9'.repeat(300))).uncomparedVersion!.length).toBeLessThanOrEqual(60);
});

describe('run.json and version.json', () => {
  test('reads what Trivy says of its version and database', () => {
    expect(readScannerVersion(recorded('trivy-version.json'))).toEqual({
      ok: true,
      value: {
        version: '0.74.0',
        database: { updatedAt: '2026-11-24T06:00:00.000Z', javaUpdatedAt: '2026-11-24T06:00:00.000Z' },
      },
    });
  });

  test.each([
    ['no database', '{"Version":"0.74.0"}', 'DATABASE_UNAVAILABLE'],
    [
      'a date that is none',
      '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"yesterday"}}',
      'DATABASE_UNAVAILABLE',
    ],
    [
      'a version that is none',
      '{"Version":"<b>","VulnerabilityDB":{"UpdatedAt":"2026-11-24T06:00:00Z"}}',
      'REPORT_INVALID',
    ],
    ['no JSON', 'trivy: not found', 'REPORT_INVALID'],
    ['nothing', '', 'REPORT_INVALID'],
  ])('version.json with %s is a failure', (_, text, cause) => {
    expect(readScannerVersion(text)).toMatchObject({ ok: false, error: { cause } });
  });

  test('reads how a run ended', () => {
    const run = {
      step: 'scan',
      exitCode: 1,
      startedAt: '2026-11-25T01:00:00Z',
      finishedAt: '2026-11-25T01:01:00Z',
    };
    expect(readScannerRun(JSON.stringify(run))).toEqual({ ok: true, value: run });
  });

  test.each([
    ['no step', { exitCode: 1, startedAt: '2026-11-25T01:00:00Z', finishedAt: '2026-11-25T01:01:00Z' }],
    ['no exit code', { step: 'scan', startedAt: '2026-11-25T01:00:00Z', finishedAt: '2026-11-25T01:01:00Z' }],
    [
      'an exit code that is text',
      { exitCode: '0', startedAt: '2026-11-25T01:00:00Z', finishedAt: '2026-11-25T01:01:00Z' },
    ],
    ['a time that is none', { exitCode: 0, startedAt: 'now', finishedAt: '2026-11-25T01:01:00Z' }],
  ])('run.json with %s is a failure', (_, run) => {
    expect(readScannerRun(JSON.stringify(run))).toMatchObject({
      ok: false,
      error: { cause: 'REPORT_INVALID' },
    });
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
  expect(classifyBuildStatus({ buildStatus: status })?.cause).toBe(cause);
});

describe('a build that CodeBuild ended before a command', () => {
  const failedIn = (phaseType: string, message?: string) => ({
    buildStatus: 'FAILED',
    phases: [
      { phaseType: 'SUBMITTED', phaseStatus: 'SUCCEEDED', contexts: [] },
      { phaseType, phaseStatus: 'CLIENT_ERROR', contexts: [{ statusCode: 'CLIENT_ERROR', message }] },
      { phaseType: 'COMPLETED' },
    ],
  });

  test('the scanner image could not be pulled: what CodeBuild says is shown', () => {
    expect(
      classifyBuildStatus(
        failedIn(
          'PROVISIONING',
          "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: toomanyrequests: Rate exceeded",
        ),
      ),
    ).toEqual({
      cause: 'SCANNER_IMAGE_UNAVAILABLE',
      detail:
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: toomanyrequests: Rate exceeded",
    });
  });

  test('anything else is shown with its phase, on one line', () => {
    expect(classifyBuildStatus(failedIn('DOWNLOAD_SOURCE', 'AccessDenied\n: no'))).toEqual({
      cause: 'BUILD_FAILED',
      detail: 'the build ended with status FAILED in the phase DOWNLOAD_SOURCE: AccessDenied : no',
    });
    expect(classifyBuildStatus(failedIn('PROVISIONING'))).toEqual({
      cause: 'BUILD_FAILED',
      detail: 'the build ended with status FAILED',
    });
  });
});
