import { packagesDigest } from '../../../src/core/scanning/packages-digest';
import type { TrivyReport } from '../../../src/core/scanning/trivy-report';
import { report } from '../support/reports';

type Results = NonNullable<TrivyReport['Results']>;

function of(...results: Results): string {
  return packagesDigest({ ...report('clean'), Results: results });
}

function jar(Name: string, Version: string, FilePath = 'app.jar'): Results[number] {
  return {
    Target: 'Java',
    Class: 'lang-pkgs',
    Type: 'jar',
    Packages: [{ Name, Version, FilePath, AnalyzedBy: 'jar' }],
  };
}

const npm = (Name: string, Version: string, Target = 'Node.js'): Results[number] => ({
  Target,
  Class: 'lang-pkgs',
  Type: 'node-pkg',
  Packages: [{ Name, Version, FilePath: `${Name}/package.json`, AnalyzedBy: 'node-pkg' }],
});

test('is the same in any order, and says nothing of findings', () => {
  expect(of(npm('a', '1'), npm('b', '1'))).toBe(of(npm('b', '1'), npm('a', '1')));
  const { Results = [] } = report('fixable-critical');
  expect(of(...Results)).toBe(of(...Results.map(({ Vulnerabilities: _none, ...rest }) => rest)));
});

test.each([
  ['another version', npm('a', '1'), npm('a', '2')],
  ['another package', npm('a', '1'), npm('b', '1')],
  ['another program', npm('a', '1', 'x'), npm('a', '1', 'y')],
  ['another artifact', jar('g:a', '1'), jar('g:b', '1')],
  ['another archive', jar('g:a', '1'), jar('g:a', '1', 'b.jar')],
])('is another for %s', (_, one, other) => {
  expect(of(one)).not.toBe(of(other));
});

test('of an archive of Java it is the same whatever group and version the Java database gave by chance', () => {
  expect(of(jar('org.a:log4j', '1'))).toBe(of(jar('org.b:log4j', '2')));
});
