import { READ_BY_PATH, replacedBySbom } from '../../../src/core/policy/replaced-by-sbom';
import { parsed, rawReport, report } from '../support/reports';
import { all, blockOf, trivySource } from '../support/trivy-source';

function withResult(Target: string, Type: string, AnalyzedBy: string) {
  const raw = rawReport('clean');
  return parsed({ ...raw, Results: [...raw.Results, { Target, Class: 'lang-pkgs', Type, Packages: [{ Name: 'a', Version: '1', AnalyzedBy }] }] });
}

test('rule 5.1: an SBOM that speaks for another file is seen', () => {
  expect(replacedBySbom(report('attacks/sbom-over-packages'))).toBe('app/vendor/composer/installed.json');
  expect(replacedBySbom(withResult('usr/bin/app', 'gobinary', 'sbom'))).toBe('usr/bin/app');
});

test.each([
  ['a file that Trivy read', 'usr/bin/app', 'gobinary', 'gobinary'],
  ['an SBOM that speaks for itself', 'opt/bitnami/redis/.spdx-redis.spdx', 'gobinary', 'sbom'],
  ['one in CycloneDX', 'layers/sbom/launch/app/sbom.cdx.json', 'gobinary', 'sbom'],
  ['an application of Bitnami', 'opt/bitnami/redis', 'bitnami', 'sbom'],
  ['packages that are reported by language', 'Node.js', 'node-pkg', 'sbom'],
  ['a lock file that Trivy reads in no image', 'package-lock.json', 'npm', 'sbom'],
])('%s replaces nothing', (_, target, type, analyser) => {
  expect(replacedBySbom(withResult(target, type, analyser))).toBeUndefined();
});

test('the types are those that the pinned Trivy reads in images and reports by path', async () => {
  const source = await trivySource();
  const analysers = source('pkg/fanal/analyzer/const.go');
  const words = new Map(all(analysers, /^\t(Type\w+)\s+Type = "([^"]+)"/gm) as [string, string][]);
  const listed = (name: string) => all(blockOf(analysers, `${name} = []Type{`), /(Type\w+),/g).flat().map(each => words.get(each)!);
  const byLanguage = ['gemspec', 'node-pkg', 'conda-pkg', 'python-pkg', 'jar', 'python-egg', 'sbom']; // python-egg finds packages of the type python-pkg
  expect(all(blockOf(source('pkg/fanal/types/const.go'), 'AggregatingTypes = []LangType{'), /^\t\t(\w+),/gm).flat()).toEqual(['PythonPkg', 'CondaPkg', 'GemSpec', 'NodePkg', 'Jar']);
  const lockFiles = listed('TypeLockfiles');
  expect(listed('TypeLanguages').filter(type => !lockFiles.includes(type) && !byLanguage.includes(type)).sort()).toEqual([...READ_BY_PATH].sort());
}, 300_000);
