import { compareBases, knownBy } from '../../../src/core/bases/compare-bases';
import type { Finding } from '../../../src/core/scanning/finding';
import { normalise } from '../../../src/core/scanning/normalise';
import { parsed, rawReport } from '../support/reports';

interface Vulnerable {
  readonly id: string;
  readonly package?: string;
}

/** A report with these packages, and vulnerabilities in them. */
function reportOf(packages: Record<string, string>, vulnerabilities: readonly Vulnerable[] = []) {
  const raw = rawReport('fixable-critical');
  const result = raw.Results[1];
  const [some] = result.Vulnerabilities;
  result.Packages = Object.entries(packages).map(([Name, Version]) => ({ Name, Version }));
  result.Vulnerabilities = vulnerabilities.map(({ id, package: name = 'zlib' }) => ({
    ...some,
    VulnerabilityID: id,
    PkgName: name,
    InstalledVersion: '1.0',
    FixedVersion: '1.2',
    PkgIdentifier: { PURL: `pkg:deb/${name}@1.0` },
  }));
  raw.Results = result.Packages.length === 0 ? [] : [result];
  return parsed(raw);
}

const DAY = 86_400_000;
const OLD: readonly Finding[] = normalise(reportOf({ zlib: '1.0' }, [{ id: 'CVE-1' }]));
const THEN = Date.parse('2026-11-20T00:00:00.000Z');
const compared = (
  packages: Record<string, string>,
  vulnerabilities: readonly Vulnerable[] = [],
  databaseUpdatedAt: string | undefined = new Date(THEN).toISOString(),
) => {
  const { gone, stay, unknown, brings } = compareBases(OLD, () => THEN, {
    report: reportOf(packages, vulnerabilities),
    databaseUpdatedAt,
  });
  return { gone: gone.length, stay: stay.length, unknown: unknown.length, brings };
};
const older = new Date(THEN - DAY).toISOString();

test.each<[string, ReturnType<typeof compared>, object]>([
  ['a database that knew it does not find it', compared({ zlib: '1.0' }), { gone: 1 }],
  ['it is still there', compared({ zlib: '1.1' }, [{ id: 'CVE-1' }]), { stay: 1 }],
  [
    'it is there in a package of another name, which may be the same',
    compared({ zlib1g: '1.0' }, [{ id: 'CVE-1', package: 'zlib1g' }]),
    { stay: 1, brings: 1 },
  ],
  ['there is another one', compared({ zlib: '1.2' }, [{ id: 'CVE-2' }]), { gone: 1, brings: 1 }],
  ['an older database does not find it', compared({ zlib: '1.0' }, [], older), { unknown: 1 }],
  ['nor in a newer version without the fix', compared({ zlib: '1.1' }, [], older), { unknown: 1 }],
  ['but the version is fixed', compared({ zlib: '1.2' }, [], older), { gone: 1 }],
  ['and a later one', compared({ zlib: '1.3' }, [], older), { gone: 1 }],
  ['whether that is later is not clear', compared({ zlib: '1.2~rc1' }, [], older), { unknown: 1 }],
  ['an older database, and the package is not there', compared({ bash: '5' }, [], older), { unknown: 1 }],
  ['an image without a package: nothing could be found', compared({}), { unknown: 1 }],
])('%s', (_, comparison, expected) => {
  expect(comparison).toEqual({ gone: 0, stay: 0, unknown: 0, brings: 0, ...expected });
});

test('a database that does not know the release says nothing', () => {
  const newer = { report: reportOf({ zlib: '1.0' }) };
  expect(compareBases(OLD, () => THEN, newer)).toMatchObject({ gone: [], unknown: OLD });
});

test('a secret needs no database', () => {
  const secret: Finding = { ...OLD[0]!, type: 'secret', path: '/etc/key' };
  expect(compareBases([secret], () => THEN, { report: reportOf({}) }).gone).toEqual([secret]);
});

test('a database knew what an earlier scan of the base image found', () => {
  const [image, before] = ['2026-11-25T06:00:00.000Z', '2026-11-20T06:00:00.000Z'];
  const of = knownBy(
    { database: { updatedAt: image } },
    {
      database: { updatedAt: '2026-11-24T06:00:00.000Z' },
      firstSeen: { [before]: ['early'], '2026-11-24T09:00:00.000Z': ['late'] },
    },
  );
  expect(new Date(of('early')).toISOString()).toBe(before);
  // the database of that scan is older than the scan
  expect(new Date(of('late')).toISOString()).toBe('2026-11-24T06:00:00.000Z');
  expect(new Date(of('new')).toISOString()).toBe(image);
  expect(knownBy({ database: { updatedAt: image } }, undefined)('early')).toBe(Date.parse(image));
});
