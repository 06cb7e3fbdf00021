import { cosignTool } from '../../../local/tools/cosign';
import { CRANE } from '../../../local/tools/crane';
import { TRIVY } from '../../../local/tools/trivy';

const TRIVY_WITH_DATABASE = `Version: 0.74.0
Vulnerability DB:
  Version: 2
  UpdatedAt: 2026-11-24 06:00:00 +0000 UTC
`;

const COSIGN_WITH_BANNER = `  ______   ______        _______. __    _______ .__   __.
cosign: A tool for Container Signing, Verification and Storage in an OCI registry

GitVersion:    v3.1.3
GitCommit:     unknown
GoVersion:     go1.26.8
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

test.each([
  ['cosign', COSIGN_WITH_BANNER, '3.1.3'],
  ['cosign that was built without its version', 'GitVersion:    devel\n', undefined],
  ['another program', 'usage: cosign\n', undefined],
])('the version of %s', (_, output, version) => {
  expect(cosignTool('3.1.3').readVersion(output)).toBe(version);
});
