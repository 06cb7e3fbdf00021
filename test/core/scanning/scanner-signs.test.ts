import { join } from 'node:path';
import { LINES } from './scanner-lines';
import { signIn } from '../../../src/core/scanning/scanner-signs';
import { REPORTS, said } from '../support/reports';
import { trivySource } from '../support/trivy-source';

test.each(LINES)('rule 5.1, hermetic scan: %j says %s', (line, sign) => {
  expect(signIn(line)).toBe(sign);
});

test('the words are those of the pinned Trivy', async () => {
  const source = await trivySource();
  expect(source('pkg/scan/ospkg/scan.go')).toContain('log.Info("Detected OS", log.String(');
  expect(source('pkg/detector/ospkg/version/version.go')).toContain(
    'log.Warn("This OS version is not on the EOL list",',
  );
  expect(source('pkg/detector/ospkg/detect.go')).toContain('log.Warn("Unsupported os", log.String(');
  expect(source('pkg/detector/ospkg/detect.go')).toContain(
    'ctx = log.WithContextPrefix(ctx, string(d.target.OS.Family))',
  );
  expect(source('pkg/detector/ospkg/alpine/alpine.go')).toContain(
    'log.WarnContext(ctx, "Mixing Alpine versions is unsupported",',
  );
  expect(source('pkg/detector/library/compare/compare.go')).toContain(
    'log.Warn("Version matching error", log.Err(err))',
  );
  for (const [comparer, words] of Object.entries({
    '': 'version error',
    npm: 'npm version error',
    pep440: 'python version error',
    rubygems: 'RubyGems version error',
    maven: 'maven version error',
    bitnami: 'bitnami version error',
  })) {
    expect(source(join('pkg/detector/library/compare', comparer, 'compare.go'))).toContain(
      `xerrors.Errorf("${words} (%s): %s"`,
    );
  }
}, 300_000);

test('and those that it said', () => {
  for (const name of [...REPORTS.filter(each => each !== 'scratch'), 'attacks/eol-list-names']) {
    expect(said(name).split('\n').map(signIn)).toContain('system');
  }
  expect(said('attacks/eol-list-names').split('\n').map(signIn)).toContain('noCalendar');
  expect(said('attacks/alpine-of-another-release').split('\n').map(signIn)).toContain('otherRelease');
});
