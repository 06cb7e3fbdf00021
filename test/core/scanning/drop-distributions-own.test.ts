import { dropDistributionsOwn } from '../../../src/core/scanning/drop-distributions-own';
import { normalise } from '../../../src/core/scanning/normalise';
import { report } from '../support/reports';

const languages = report('languages');
const paths = (of = languages) =>
  normalise(of).flatMap(({ type, path }) => (type === 'vulnerability' ? (path ?? '') : []));

describe('rule 5.9, what was scanned is what runs: files of the distribution are decided by us, not by a line in the image', () => {
  test.each([
    ['a package with a file of its own', 'srv/node_modules/minimist/package.json'],
    ['a jar', 'srv/lib/log4j-core-2.14.1.jar'],
    ['a program, by the target of its result', 'usr/local/bin/worker'],
  ])('findings in %s of the distribution are dropped, and no others', (_, file) => {
    expect(paths()).toContain(file);
    expect(paths(dropDistributionsOwn(languages, [file])).sort()).toEqual(
      paths()
        .filter(path => path !== file)
        .sort(),
    );
  });

  test('packages stay, without the licences that they state', () => {
    const file = 'srv/node_modules/minimist/package.json';
    const packages = (dropDistributionsOwn(languages, [file]).Results ?? []).flatMap(
      ({ Packages = [] }) => Packages,
    );
    const before = (languages.Results ?? []).flatMap(({ Packages = [] }) => Packages);
    expect(packages).toHaveLength(before.length);
    expect(packages.filter(({ FilePath }) => FilePath === file)).toEqual([
      expect.not.objectContaining({ Licenses: expect.anything() }),
    ]);
    expect(packages.filter(({ FilePath }) => FilePath !== file)).toEqual(
      before.filter(({ FilePath }) => FilePath !== file),
    );
  });

  test('a licence that Trivy reports as a finding is dropped with its file', () => {
    const license = (FilePath: string) => ({ Severity: 'HIGH' as const, Name: 'AGPL-3.0', FilePath });
    const of = {
      ...languages,
      Results: [{ Target: 'Node.js', Class: 'license', Licenses: [license('a'), license('b')] }],
    };
    expect(dropDistributionsOwn(of, ['a']).Results).toEqual([
      { Target: 'Node.js', Class: 'license', Licenses: [license('b')] },
    ]);
  });

  test.each([
    ['no file', languages, []],
    ['files that the report does not have', languages, ['usr/lib/other.jar', 'Java', 'Node.js', '']],
    [
      'packages of the operating system',
      report('alpine-eol'),
      [report('alpine-eol').Results![0]!.Target, ''],
    ],
    [
      'secrets',
      report('secret-deleted-later'),
      ['app/.env', ...(report('secret-deleted-later').Results ?? []).map(({ Target }) => Target)],
    ],
  ])('%s changes nothing', (_, of, files) => {
    expect(dropDistributionsOwn(of, files)).toEqual(of);
  });
});
