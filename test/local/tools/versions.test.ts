import { CRANE } from '../../../local/tools/crane';
import { TRIVY } from '../../../local/tools/trivy';

const TRIVY_WITH_DATABASE = `Version: 0.74.0
Vulnerability DB:
  Version: 2
  UpdatedAt: 2026-11-24 06:00:00 +0000 UTC
`;

test.each([
  ['trivy', 'Version: 0.74.0\n', '0.74.0'],
  ['trivy with a database', TRIVY_WITH_DATABASE, '0.74.0'],
  ['trivy that was built without its version', 'Version: dev\n', 'dev'],
  ['another program', 'usage: trivy\n', undefined],
])('the version of %s', (_, output, version) => {
  expect(TRIVY.readVersion(output)).toBe(version);
});

test.each([
  ['crane that was built from source', 'v0.20.6\n', '0.20.6'],
  ['crane of a release', '0.20.6\n', '0.20.6'],
  ['crane that was built in a checkout', '(devel)\n', undefined],
])('the version of %s', (_, output, version) => {
  expect(CRANE.readVersion(output)).toBe(version);
});
