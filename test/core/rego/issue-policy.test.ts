import { ISSUE_POLICY } from './issue-policy';
import { decide, denialsOf, recorded, reportWith } from './support';
import { readTrivyReport } from '../../../src/core/scanning/read-trivy-report';
import { report as reportOf } from '../support/reports';

const asAlpine314 = (report: Uint8Array) => {
  const document = JSON.parse(Buffer.from(report).toString()) as { Metadata: { OS: { Name: string } } };
  document.Metadata.OS.Name = '3.14.2'; // as /etc/alpine-release says it
  return Buffer.from(JSON.stringify(document));
};
const alpine = recorded('alpine-eol');
const fixable = [
  'CRITICAL CVE CVE-2021-36159 has available fix 2.10.7-r0',
  'CRITICAL CVE CVE-2021-3711 has available fix 1.1.1l-r0',
];
const secrets = [
  'Secret exposed in /app/.env: AWS Access Key ID',
  'Secret exposed in /root/.ssh/id_rsa: Asymmetric Private Key',
  'Secret exposed in /tmp/token.txt: GitHub Personal Access Token',
];

test.each([
  ['alpine 3.11', alpine, fixable],
  ['alpine 3.14', asAlpine314(alpine), ['Alpine 3.14 reached EOL; upgrade to 3.19+', ...fixable]],
  [
    'one that can be fixed',
    recorded('fixable-critical'),
    ['CRITICAL CVE CVE-2021-44906 has available fix 0.2.4, 1.2.6'],
  ],
  ['none that can be fixed', recorded('unfixed-only'), []],
  // about the image, not about its normal form
  ['secrets', Buffer.from(JSON.stringify(reportOf('secret-deleted-later'))), secrets],
  ['nothing', recorded('clean'), []],
  ['no operating system', recorded('scratch'), []],
])('the policy decides unmodified about an image with %s', (_, bytes, expected) => {
  expect(denialsOf(decide(ISSUE_POLICY, bytes))).toEqual(expected);
});

test.each(['alpine-eol', 'fixable-critical', 'secret-deleted-later', 'clean', 'scratch'])(
  'it decides about %s as kept as about %s as Trivy wrote it',
  name => {
    const kept = readTrivyReport(recorded(name));
    if (!kept.ok) throw new Error(kept.error.detail);
    expect(decide(ISSUE_POLICY, Buffer.from(JSON.stringify(kept.value)))).toEqual(
      decide(ISSUE_POLICY, recorded(name)),
    );
  },
);

describe('what the report says itself of input.OS', () => {
  const metadata = { OS: { Family: 'alpine', Name: '3.14.2' }, ImageID: '', ImageConfig: {} };
  const endOfLife = ['Alpine 3.14 reached EOL; upgrade to 3.19+'];

  test.each([
    ['before', reportWith({ OS: { Family: 'wolfi', Version: '1' }, Metadata: metadata })],
    ['after', reportWith({ Metadata: metadata, OS: { Family: 'wolfi', Version: '1' } })],
    [
      'twice, once by escapes',
      Buffer.from(`{"OS":{},"Metadata":${JSON.stringify(metadata)},"\\u004fS":{"Family":"wolfi"},"OS":7}`),
    ],
  ])('changes nothing when it stands %s', (_, report) => {
    expect(denialsOf(decide(ISSUE_POLICY, report))).toEqual(endOfLife);
  });

  test('is nothing where the report names no system', () => {
    expect(
      denialsOf(decide(ISSUE_POLICY, reportWith({ OS: { Family: 'alpine', Version: '3.14' } }))),
    ).toEqual([]);
  });

  test('follows the last Metadata, as every other reader does', () => {
    const report = Buffer.from(
      `{"Metadata":${JSON.stringify(metadata)},"Metadata":{"OS":{"Family":"debian","Name":"13.1"}}}`,
    );
    expect(
      denialsOf(
        decide(
          'package p\ndeny[m] { m := sprintf("%s %s %s", [input.OS.Family, input.OS.Version, input.Metadata.OS.Name]) }',
          report,
        ),
      ),
    ).toEqual(['debian 13 13.1']);
  });
});
