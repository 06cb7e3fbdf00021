import { fakeRegister } from './fakes';
import { findingsLines } from '../../../cli/stack/findings';
import type { FindingRow } from '../../../src/core/findings/changes';
import { newRow } from '../../../src/core/register/row';
import { listFindings } from '../../../use-cases/deployed-trust/list-findings';
import { HOSTILE } from '../../core/support/hostile';
import { IMAGE, NOW, scanId } from '../../core/support/made';

const REPOSITORY = { account: '000000000000', region: 'us-east-1', repository: 'team/app' };
const OTHER = IMAGE.replace('team/app', 'team/other');

function row(changes: Partial<FindingRow> = {}): FindingRow {
  return {
    pk: IMAGE,
    sk: 'FINDING#a',
    status: 'OPEN',
    type: 'vulnerability',
    id: 'CVE-2021-44228',
    severity: 'CRITICAL',
    package: 'log4j',
    installedVersion: '2.14',
    fixedVersion: '2.17',
    violates: true,
    firstSeenAt: NOW.toISOString(),
    lastSeenAt: NOW.toISOString(),
    verdictId: scanId(1),
    ...changes,
  };
}

const ROWS = [
  row({ pk: OTHER, status: 'WAIVED', waivedBy: 'a@example.com', waivedUntil: '2026-12-24' }),
  row({ severity: 'LOW', id: 'CVE-1', sk: 'FINDING#b' }),
  row(),
  row({ status: 'FIXED', sk: 'FINDING#c' }),
];
const ports = {
  findings: {
    ofVulnerability: async (id: string) => ROWS.filter(each => each.id === id),
    ofImage: async (image: string) => ROWS.filter(each => each.pk === image),
  },
  register: fakeRegister({ ...newRow(IMAGE), kind: 'image' }),
};
const ids = (rows: FindingRow[] | undefined) =>
  rows?.map(({ pk, id, status }) => `${status} ${id} ${pk.slice(pk.indexOf('/') + 1, pk.indexOf('@'))}`);

test('by vulnerability: all images, open and waived', async () => {
  expect(ids(await listFindings({ cve: 'CVE-2021-44228', all: false }, ports))).toEqual([
    'OPEN CVE-2021-44228 team/app',
    'WAIVED CVE-2021-44228 team/other',
  ]);
});

test('a CVE is found in small letters too, other ids as they are', async () => {
  expect(await listFindings({ cve: 'cve-2021-44228', all: false }, ports)).toHaveLength(2);
  const asked: string[] = [];
  const findings = {
    ...ports.findings,
    ofVulnerability: async (id: string) => {
      asked.push(id);
      return [];
    },
  };
  await listFindings({ cve: 'GHSA-jfh8-c2jp-5v3q', all: false }, { ...ports, findings });
  expect(asked).toEqual(['GHSA-jfh8-c2jp-5v3q']);
});

test('with --all: what is fixed too', async () => {
  expect(await listFindings({ cve: 'CVE-2021-44228', all: true }, ports)).toHaveLength(3);
});

test('by vulnerability, in one repository', async () => {
  expect(
    ids(await listFindings({ cve: 'CVE-2021-44228', repository: REPOSITORY, all: false }, ports)),
  ).toEqual(['OPEN CVE-2021-44228 team/app']);
});

test('by repository: the worst first', async () => {
  expect(ids(await listFindings({ repository: REPOSITORY, all: false }, ports))).toEqual([
    'OPEN CVE-2021-44228 team/app',
    'OPEN CVE-1 team/app',
  ]);
});

test('a repository that is not on record is no repository without findings', async () => {
  expect(
    await listFindings(
      { repository: REPOSITORY, all: false },
      { ...ports, register: fakeRegister({ ...newRow(IMAGE), kind: 'attachment' }) },
    ),
  ).toBeUndefined();
});

test('says who waived, and until when', () => {
  expect(findingsLines(ROWS)[1]).toMatch(
    /^WAIVED +CRITICAL +CVE-2021-44228 +log4j 2\.14 +2\.17 +team\/other@sha256:aaaaaaaaaaaa +a@example\.com until 2026-12-24$/,
  );
});

test.each(HOSTILE)('%j as a package, a path or an owner is shown as visible characters', text => {
  const lines = findingsLines([
    row({ package: text, id: text, fixedVersion: text, waivedBy: text, status: 'WAIVED' }),
    row({ package: undefined, installedVersion: undefined, path: text }),
  ]);
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
});
