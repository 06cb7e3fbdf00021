import { gzipSync } from 'node:zlib';
import { IncomingFile, incomingKey } from '../../../src/core/evidence/evidence-keys';
import type { ImageName } from '../../../src/core/image/image';
import type { Build } from '../../../src/core/scanning/provenance';
import { accounting, accountingFile } from '../../core/support/accounted';
import { START, World } from '../world';
import type { Run } from '../world/code-build';
import { trivyFailure, trivyReport } from '../world/zoo';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

const FAILURES: readonly (readonly [string, string, Run])[] = [
  ['BUILD_FAILED', 'CodeBuild says FAILED', { status: 'FAILED' }],
  ['BUILD_TIMED_OUT', 'CodeBuild says TIMED_OUT', { status: 'TIMED_OUT' }],
  ['BUILD_STOPPED', 'somebody stops it', { status: 'STOPPED' }],
  ['BUILD_FAULT', 'CodeBuild has a fault', { status: 'FAULT' }],
  ['SCAN_TIMED_OUT', 'timeout ends Trivy', { step: 'scan', exitCode: 124, errors: '' }],
  ['SCAN_TIMED_OUT', 'timeout ends the reader of images', { step: 'read', exitCode: 124, errors: '' }],
  ['SCANNER_CRASHED', 'Trivy panics', { step: 'scan', exitCode: 2, errors: 'panic: runtime error' }],
  [
    'SCANNER_CRASHED',
    'the reader of images panics',
    { step: 'read', exitCode: 2, errors: 'panic: runtime error' },
  ],
  [
    'SCANNER_FAILED',
    'Trivy fails, and nobody knows why',
    { step: 'scan', exitCode: 1, errors: 'FATAL something' },
  ],
  ['DATABASE_UNAVAILABLE', 'the database does not come', trivyFailure('download-503')],
  ['DATABASE_UNAVAILABLE', 'timeout ends the download', { step: 'download', exitCode: 124, errors: '' }],
  ['DATABASE_UNAVAILABLE', 'there is no database', trivyFailure('scan-no-database')],
  ['SCANNER_CRASHED', 'the database is cut off, and Trivy panics', trivyFailure('scan-truncated-database')],
  ...(
    [
      'REGISTRY_DENIED',
      'REGISTRY_THROTTLED',
      'REGISTRY_UNAVAILABLE',
      'IMAGE_GONE',
      'UNSCANNABLE',
      'SCANNER_FAILED',
    ] as const
  ).map((cause): [string, string, Run] => [
    cause,
    'the reader of images says so',
    { unread: { cause, detail: 'because of something' } },
  ]),
  ['NOT_COVERED', 'Trivy saw no package', { report: trivyReport('no-packages') }],
];

describe('rule 4.4, failed scans keep the verdict: an indeterminate scan is a failed scan with its cause', () => {
  test.each(FAILURES)('%s where %s; where there was no verdict, there is none', async (cause, _when, run) => {
    world.finds(image, run);
    world.push(image, 'v1');
    await world.settle({ minutes: 2.5 });

    expect(world.row(image)).not.toHaveProperty('verdict');
    expect(world.row(image).lastFailedScan).toMatchObject({ cause, count: 1, scanId: expect.any(String) });
    expect(world.failures(image)).toEqual([cause]);
    expect(world.slotsTaken).toBe(0);
  });

  test.each(FAILURES)('%s where %s; the verdict that stands, stands', async (cause, _when, run) => {
    await world.passed(image);
    const { verdict } = world.row(image);
    world.finds(image, run);
    world.ask(image, 'renewal');
    await world.settle();

    expect(world.row(image)).toMatchObject({ verdict, lastFailedScan: { cause } });
    expect(world.verdicts(image)).toEqual(['PASS changed']);
    expect(world.events(image).at(-1)?.detail).toMatchObject({
      cause,
      standing: { outcome: 'PASS', validUntil: verdict?.validUntil },
    });
  });

  test('rule 5.2, provenance: what a build uploaded is read at once, after its checksums', async () => {
    const reads: string[][] = [];
    const read = world.uploads.read.bind(world.uploads);
    let begun: string[] = [];
    world.uploads.read = (key, maxBytes) => {
      begun.push(key.split('/').at(-1)!);
      const answer = read(key, maxBytes);
      return answer.finally(() => {
        if (begun.length > 0) reads.push(begun);
        begun = [];
      });
    };
    world.push(image, 'v1');
    await world.settle();

    expect(reads[0]).toEqual([IncomingFile.checksums]);
    expect(reads[1]).toEqual(
      expect.arrayContaining([IncomingFile.form, IncomingFile.run, IncomingFile.report]),
    );
  });

  test.each([
    ['REPORT_INVALID', 'is not JSON', gzipSync('{')],
    ['REPORT_INVALID', 'is not gzip', Buffer.from('{}')],
    ['REPORT_INVALID', 'is cut off', gzipSync('{}'.repeat(9999)).subarray(0, 40)],
    ['REPORT_INVALID', 'has a severity of its own', gzipSync(JSON.stringify(withSeverity('NEGLIGIBLE')))],
  ])('%s where the report %s', async (cause, _what, bytes) => {
    world.builds.uploads = { [IncomingFile.report]: bytes };
    world.push(image, 'v1');
    await world.settle({ minutes: 3 });
    expect(world.row(image).lastFailedScan).toMatchObject({ cause });
  });

  const GAP = { path: 'srv/package.json', kind: 'node-pkg', detail: 'its JSON ends early' };
  test.each<[string, string, string | undefined]>([
    ['REPORT_MISSING', 'is not there', undefined],
    ['REPORT_INVALID', 'is empty', ''],
    ['REPORT_INVALID', 'has no counts', '{"version":1}'],
    ['REPORT_TOO_LARGE', 'is larger than anybody reads', ' '.repeat(5 * 1024 * 1024)],
    ['NOT_COVERED', 'has a gap', accountingFile(accounting({ notCovered: [GAP] }))],
  ])('rule 5.9, what was scanned is what runs: %s where the accounting %s', async (cause, _what, text) => {
    world.builds.without = text === undefined ? IncomingFile.accounting : undefined;
    if (text !== undefined) world.builds.uploads = { [IncomingFile.accounting]: text };
    world.push(image, 'v1');
    await world.settle({ minutes: 3 });
    expect(world.row(image)).not.toHaveProperty('verdict');
    expect(world.row(image).lastFailedScan).toMatchObject({ cause });
  });

  test('findings in files of the distribution are dropped, and the verdict says how files were answered', async () => {
    world.finds(image, 'fixable-critical');
    await world.passed(image);
    expect(world.outcome(image)).toBe('FAIL');
    const file = 'app/node_modules/minimist/package.json';
    world.builds.uploads = { [IncomingFile.accounting]: accountingFile(accounting(), [file]) };
    world.ask(image, 'request');
    await world.settle({ minutes: 3 });
    expect(world.outcome(image)).toBe('PASS');
    const [stored] = world.evidence
      .keys('scans/')
      .filter(key => key.endsWith('/scan.json'))
      .slice(-1);
    expect(world.evidence.json(stored!).coverage.accounting).toEqual(accounting());
  });

  test('REPORT_MISSING where Trivy succeeded, and there is no report', async () => {
    world.finds(image, { step: 'scan', exitCode: 0, errors: '' });
    world.push(image, 'v1');
    await world.settle({ minutes: 3 });
    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'REPORT_MISSING' });
  });

  test.each([IncomingFile.report, IncomingFile.checksums, IncomingFile.errors])(
    'REPORT_TOO_LARGE where %s is larger than anybody will read',
    async file => {
      const build = await world.renewing(image);
      const read = world.uploads.read.bind(world.uploads);
      jest.spyOn(world.uploads, 'read').mockImplementation(async (key, max) => {
        if (key === incomingKey(scanIdOf(build), file)) {
          throw Object.assign(new Error(`more than ${max}`), { code: 'OBJECT_TOO_LARGE' });
        }
        return read(key, max);
      });
      await world.settle({ minutes: 2 });
      expect(world.row(image)).toMatchObject({
        verdict: { outcome: 'PASS' },
        lastFailedScan: { cause: 'REPORT_TOO_LARGE' },
      });
    },
  );

  test('a broken SBOM changes no verdict, and is not kept', async () => {
    world.builds.uploads = { [IncomingFile.sbom]: gzipSync('{"bomFormat":"other"}') };
    world.push(image, 'v1');
    await world.settle();
    expect(world.outcome(image)).toBe('PASS');
    expect(world.evidence.keys('scans/').filter(key => key.endsWith('sbom.cdx.json.gz'))).toEqual([]);
  });

  test("an older database than the verdict's is DATABASE_OLDER, and a FAIL is not lifted by it", async () => {
    world.finds(image, 'fixable-critical');
    await world.passed(image);
    expect(world.outcome(image)).toBe('FAIL');
    world.finds(image, 'clean');
    world.builds.databaseUpdatedAt = new Date(START.getTime() - 24 * 3_600_000).toISOString();
    world.ask(image, 'request');
    await world.settle({ minutes: 3 });
    expect(world.row(image)).toMatchObject({
      verdict: { outcome: 'FAIL' },
      lastFailedScan: { cause: 'DATABASE_OLDER' },
    });
  });

  test('a database of last week is DATABASE_STALE', async () => {
    world.builds.databaseUpdatedAt = new Date(START.getTime() - 7 * 86_400_000).toISOString();
    world.push(image, 'v1');
    await world.settle({ minutes: 3 });
    expect(world.row(image).lastFailedScan).toMatchObject({ cause: 'DATABASE_STALE' });
  });

  test('rule 4.5, expiry and grace periods: a build that says it began next year does not make trust last until then', async () => {
    world.builds.uploads = {
      [IncomingFile.run]: JSON.stringify({
        step: 'scan',
        exitCode: 0,
        startedAt: '2027-11-25T10:00:00Z',
        finishedAt: '2027-11-25T10:01:00Z',
      }),
    };
    world.push(image, 'v1');
    await world.settle();

    const { verdict } = world.row(image);
    expect(verdict?.outcome).toBe('PASS');
    expect(Date.parse(verdict!.validUntil)).toBeLessThanOrEqual(START.getTime() + 73 * 3_600_000);
  });
});

function withSeverity(Severity: string): object {
  const report = trivyReport('fixable-critical');
  report.Results.find((result: any) => result.Vulnerabilities !== undefined).Vulnerabilities[0].Severity =
    Severity;
  return report;
}

function scanIdOf(build: Build): string {
  return build.environment.environmentVariables!.find(({ name }) => name === 'SCAN_ID')!.value;
}
