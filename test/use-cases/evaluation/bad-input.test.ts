import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { IncomingFile, incomingKey } from '../../../src/core/evidence/evidence-keys';
import type { ImageName } from '../../../src/core/image/image';
import { mutate, mutations, type Mutation } from '../../core/bad-input/mutations';
import { LENIENT, START, World } from '../world';
import { trivyErrors, trivyReport } from '../world/zoo';

jest.setTimeout(1_800_000);

const RUNS = Math.ceil(Number(process.env.FUZZ_RUNS ?? 2000) / 20);
const MIB = 1024 * 1024;
/** A push, its build, and three more of each where the cause may pass by itself. */
const MOST_DELIVERIES = 12;

type Uploads = Readonly<Record<string, Uint8Array | string>>;

let world: World;
let image: ImageName;

function begin(name = 'fixable-critical'): void {
  world = new World();
  image = world.has(name);
}

/** What Trivy found in the image, bent. */
function found(name = 'fixable-critical', change: (raw: any) => void = () => undefined): any {
  const document = trivyReport(name);
  change(document);
  return document;
}

const zipped = (text: string | Uint8Array) => gzipSync(text, { level: 1 });
const text = (change?: (raw: any) => void) => JSON.stringify(found('fixable-critical', change));
const report = (bytes: Uint8Array): Uploads => ({ [IncomingFile.report]: bytes });
const replaced = (from: string, to: string) => report(zipped(text().replace(from, () => to)));
const findings = (count: number, Severity: string) =>
  report(
    zipped(
      text(raw => {
        raw.Results[1].Vulnerabilities = Array.from({ length: count }, (_, at) => ({
          VulnerabilityID: `CVE-2024-${at}`,
          PkgName: 'minimist',
          FixedVersion: '2',
          Severity,
        }));
      }),
    ),
  );

async function scanned(uploads: Uploads): Promise<string> {
  world.builds.uploads = uploads;
  world.push(image, 'v1');
  return outcome();
}

/** How it ended; and that it did, for good, within so many deliveries. */
async function outcome(): Promise<string> {
  await world.settle();
  expect(world.lost).toEqual([]);
  expect(world.queues.flatMap(({ messages }) => messages)).toEqual([]);
  expect(world.slotsTaken).toBe(0);
  expect(world.row(image).lease).toBeUndefined();
  expect(world.outcomes.length).toBeLessThanOrEqual(MOST_DELIVERIES);
  expect(world.outcomes.filter(each => 'done' in each && each.done.startsWith('sent back'))).toEqual([]);
  const { verdict, lastFailedScan } = world.row(image);
  return lastFailedScan?.cause ?? verdict?.outcome ?? 'nothing';
}

beforeEach(() => begin());

describe('a build uploads a report that nobody should believe', () => {
  test.each<[string, string, () => Uploads]>([
    [
      'REPORT_INVALID',
      'a list of vulnerabilities and an empty one behind it',
      () => replaced('"Vulnerabilities":[', '"Vulnerabilities":[],"Vulnerabilities":['),
    ],
    [
      'REPORT_INVALID',
      '__proto__',
      () => replaced('"Severity":"CRITICAL"', '"__proto__":{"Severity":"LOW"},"Severity":"CRITICAL"'),
    ],
    [
      'REPORT_INVALID',
      'bytes that are no UTF-8',
      () => report(zipped(Buffer.from(text().replace('CRITICAL', '\u00ff'), 'latin1'))),
    ],
    [
      'REPORT_INVALID',
      'a severity 10,000 lists deep',
      () => replaced('"Severity":"CRITICAL"', `"Severity":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    ],
    [
      'REPORT_INVALID',
      'a source of scores with a name of a megabyte, and no score',
      () =>
        report(
          zipped(
            text(raw => {
              raw.Results[1].Vulnerabilities[0].CVSS = { ['\u001b\n'.repeat(MIB)]: { V3Score: 'x' } };
            }),
          ),
        ),
    ],
    ['REPORT_INVALID', 'a bomb: more than is unpacked', () => report(zipped(Buffer.alloc(300 * MIB, ' ')))],
    ['REPORT_INVALID', 'a bomb: lists in lists', () => report(zipped(Buffer.alloc(255 * MIB, '[')))],
    [
      'REPORT_INVALID',
      'a bomb: many empty objects',
      () =>
        report(zipped(Buffer.concat([Buffer.from('['), Buffer.alloc(255 * MIB, '{},'), Buffer.from('0]')]))),
    ],
    ['REPORT_INVALID', 'half a gzip', () => report(zipped(text()).subarray(0, 2000))],
    [
      'REPORT_INVALID',
      'two reports behind each other',
      () => report(Buffer.concat([zipped(text()), zipped(text())])),
    ],
    ['REPORT_INVALID', 'nothing', () => report(zipped(''))],
    ['REPORT_INVALID', 'an empty file', () => report(new Uint8Array())],
    ['REPORT_TOO_LARGE', '200,001 findings', () => findings(200_001, 'LOW')],
    ['REPORT_TOO_LARGE', 'a file that is larger than anybody reads', () => report(Buffer.alloc(65 * MIB))],
    [
      'PROVENANCE',
      'another image',
      () => report(zipped(JSON.stringify({ ...found(), ArtifactName: `other\u001b${'x'.repeat(MIB)}` }))),
    ],
    ['FAIL', '100,000 findings, all of them refused', () => findings(100_000, 'CRITICAL')],
    ['FAIL', 'a title of 10 MB', () => replaced('"Title":"', `"Title":"${'x'.repeat(10 * MIB)}`)],
    [
      'FAIL',
      '200,000 sources of scores',
      () =>
        report(
          zipped(
            text(raw => {
              raw.Results[1].Vulnerabilities[0].CVSS = Object.fromEntries(
                Array.from({ length: 200_000 }, (_, at) => [`s${at}`, { V3Score: 1 }]),
              );
            }),
          ),
        ),
    ],
    [
      'FAIL',
      'halves of characters and NUL in all names',
      () =>
        report(
          zipped(
            text(raw =>
              Object.assign(raw.Results[1].Vulnerabilities[0], {
                PkgName: '\ud800\u0000',
                Title: '\udc00',
                PkgPath: '\u0000',
              }),
            ),
          ),
        ),
    ],
    [
      'REPORT_INVALID',
      'something behind the gzip',
      () => report(Buffer.concat([zipped(text()), Buffer.from('behind')])),
    ],
  ])('%s: %s', async (expected, _, uploads) => {
    expect(await scanned({ ...uploads(), [IncomingFile.errors]: trivyErrors('fixable-critical') })).toBe(
      expected,
    );
  });
});

describe('a build uploads files of its own beside the report', () => {
  const time = '2026-11-25T10:00:00Z';
  test.each<[string, string, string]>([
    ['REPORT_INVALID', IncomingFile.run, ''],
    ['REPORT_INVALID', IncomingFile.run, '{}'],
    ['REPORT_INVALID', IncomingFile.run, `{"exitCode":"0","startedAt":"${time}","finishedAt":"${time}"}`],
    [
      'REPORT_INVALID',
      IncomingFile.run,
      `{"exitCode":0,"startedAt":"+275760-09-13T00:00:00Z","finishedAt":"${time}"}`,
    ],
    ['REPORT_INVALID', IncomingFile.version, '[]'],
    ['REPORT_INVALID', IncomingFile.version, '{"Version":"\u001b[2J"}'],
    [
      'DATABASE_UNAVAILABLE',
      IncomingFile.version,
      '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"soon"}}',
    ],
    [
      'DATABASE_STALE',
      IncomingFile.version,
      '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"2099-01-01T00:00:00Z"}}',
    ],
    [
      'DATABASE_STALE',
      IncomingFile.version,
      '{"Version":"0.74.0","VulnerabilityDB":{"UpdatedAt":"+275760-09-13T00:00:00Z"}}',
    ],
    ['NOT_COVERED', IncomingFile.errors, '\u0000\u00ff'.repeat(9999)],
    ['REPORT_TOO_LARGE', IncomingFile.run, ' '.repeat(65 * 1024)],
  ])('%s: %s is %j', async (expected, file, content) => {
    begin('clean');
    expect(await scanned({ [file]: content })).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['of the year 275760', '+275760-09-13T00:00:00Z', time],
    ['as late as the clock of the build', '2099-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
  ])(
    'a database %s says nothing, and does not outlast all that come (rule 4.4, failed scans keep the verdict)',
    async (_, UpdatedAt, finishedAt) => {
      begin('clean');
      world.publish(LENIENT); // it asks nothing of the database
      expect(
        await scanned({
          [IncomingFile.version]: JSON.stringify({ Version: '0.74.0', VulnerabilityDB: { UpdatedAt } }),
          [IncomingFile.run]: JSON.stringify({ step: 'scan', exitCode: 0, startedAt: time, finishedAt }),
        }),
      ).toBe('DATABASE_STALE');
      world.builds.uploads = {};
      world.ask(image, 'request');
      await world.settle();
      expect(world.lost).toEqual([]);
      expect(world.row(image)).toMatchObject({
        verdict: { outcome: 'PASS', databaseUpdatedAt: `${START.toISOString().slice(0, 10)}T00:00:00.123Z` },
      });
    },
  );

  test.each<[string, Uint8Array]>([
    ['no gzip', Buffer.from('sbom')],
    ['no JSON', zipped('sbom')],
    ['a bomb', zipped(Buffer.alloc(200 * MIB, ' '))],
    [
      'a bomb of empty objects',
      zipped(Buffer.concat([Buffer.from('['), Buffer.alloc(100 * MIB, '{},'), Buffer.from('0]')])),
    ],
    ['lists in lists', zipped('['.repeat(MIB))],
    ['of another kind', zipped('{"bomFormat":"SPDX"}')],
    [
      'full of wrong types',
      zipped('{"bomFormat":"CycloneDX","specVersion":1,"version":"1","metadata":null,"components":{}}'),
    ],
  ])('an SBOM that is %s changes no verdict, and is not kept', async (_, bytes) => {
    expect(
      await scanned({ [IncomingFile.sbom]: bytes, [IncomingFile.errors]: trivyErrors('fixable-critical') }),
    ).toBe('FAIL');
    expect(world.evidence.keys('scans/').filter(key => key.includes('sbom'))).toEqual([]);
  });
});

describe('what was uploaded changes before it is read', () => {
  const FILES = [
    IncomingFile.run,
    IncomingFile.version,
    IncomingFile.errors,
    IncomingFile.report,
    IncomingFile.checksums,
  ];

  function afterBuild(act: (key: (file: string) => string) => void): void {
    const { onEnd } = world.builds;
    world.builds.onEnd = buildId => {
      const { environmentVariables = [] } = world.builds.builds.find(({ id }) => id === buildId)!.environment;
      act(file => incomingKey(environmentVariables.find(({ name }) => name === 'SCAN_ID')!.value, file));
      onEnd(buildId);
    };
  }

  test.each(FILES)('%s is another: PROVENANCE', async file => {
    afterBuild(key => world.uploads.put(key(file), 'other'));
    world.push(image, 'v1');
    expect(await outcome()).toBe('PROVENANCE');
  });

  test.each(FILES)('%s is gone: REPORT_MISSING', async file => {
    afterBuild(key => world.uploads.objects.delete(key(file)));
    world.push(image, 'v1');
    expect(await outcome()).toBe('REPORT_MISSING');
  });

  test.each([
    '',
    '\n',
    'x',
    `${'0'.repeat(64)}  report.json.gz\n`.repeat(2),
    `${'0'.repeat(64)}  ../../verdicts\n`,
  ])('checksums that are %j: PROVENANCE', async sums => {
    afterBuild(key => world.uploads.put(key(IncomingFile.checksums), sums));
    world.push(image, 'v1');
    expect(await outcome()).toBe('PROVENANCE');
  });
});

describe('any report that somebody changed ends as a verdict or a failed scan', () => {
  const changed = (changes: readonly Mutation[]) =>
    scanned({
      [IncomingFile.report]: zipped(mutate(found(), changes).bytes),
      [IncomingFile.errors]: trivyErrors('fixable-critical'),
    });

  test.each<[string, readonly Mutation[]]>([
    ['FAIL', []],
    ['REPORT_INVALID', [{ change: 'a comma too many', place: 0, seed: 0 }]],
  ])('%s', async (ends, changes) => {
    expect(await changed(changes)).toBe(ends);
  });

  test('whatever the changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutations, { minLength: 1, maxLength: 3 }), async changes => {
        begin();
        await changed(changes);
      }),
      { numRuns: RUNS },
    );
  });
});
