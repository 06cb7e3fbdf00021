import { answerCounts, answersText, readAccounting } from '../../../src/core/scanning/accounting';
import { accounting, accountingFile } from '../support/accounted';

const GAP = { path: 'app/package.json', kind: 'node-pkg', detail: 'minimist 0.0.8 is not in it' };
const changed = (change: object) => JSON.stringify({ ...JSON.parse(accountingFile()), ...change });

describe('rule 5.9, what was scanned is what runs: accounting.json', () => {
  test('is read as the reader of images writes it', () => {
    const of = accounting({ notCovered: [GAP], unread: [{ ...GAP, kind: 'phar' }] });
    expect(readAccounting(accountingFile(of, ['usr/share/java/a.jar']))).toEqual({
      ok: true,
      value: { accounting: of, ofDistribution: ['usr/share/java/a.jar'] },
    });
  });

  test.each([
    ['nothing', ''],
    ['half of it', accountingFile().slice(0, 60)],
    ['another version', changed({ version: 2 })],
    ['no counts', '{"version":1,"notCovered":[],"unread":[],"ofDistribution":[]}'],
    ['fewer answers than declarations', changed({ declared: 6 })],
    ['more answers than declarations', changed({ declared: 4 })],
    ['a negative count', changed({ declared: 4, accounted: -1, notCoveredCount: 4, notCovered: [GAP] })],
    ['a gap that is counted and not listed', changed({ declared: 6, notCoveredCount: 1 })],
    ['a gap that is listed and not counted', changed({ notCovered: [GAP] })],
    ['more gaps than counted', changed({ declared: 6, notCoveredCount: 1, notCovered: [GAP, GAP] })],
    ['a list without end', changed({ declared: 1005, unreadCount: 1000, unread: Array(1000).fill(GAP) })],
    ['no list of files of the distribution', changed({ ofDistribution: undefined })],
  ])('with %s in it is none', (_, text) => {
    expect(readAccounting(text)).toMatchObject({ ok: false, error: { cause: 'REPORT_INVALID' } });
  });

  test('has names from the image: lines of visible characters (rule 5.5, untrusted text)', () => {
    const hostile = {
      path: `a\n\u202e${'x'.repeat(9000)}`,
      kind: 'k\u001b[31m',
      detail: `d\u0000${'y'.repeat(999)}`,
    };
    const read = readAccounting(accountingFile(accounting({ notCovered: [hostile] })));
    if (!read.ok) throw new Error(read.error.detail);
    const [{ path, kind, detail } = { path: '', kind: '', detail: '' }] = read.value.accounting.notCovered;
    expect([path.length, detail.length, kind]).toEqual([512, 300, 'k']);
    expect(path + detail).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
  });
});

test('a name in a reason is no link (rule 5.5, untrusted text)', () => {
  const detail = 'minimist https://evil.example [now](x) is not in it';
  const read = readAccounting(accountingFile(accounting({ notCovered: [{ ...GAP, detail }] })));
  expect(read).toMatchObject({
    value: {
      accounting: { notCovered: [{ detail: 'minimist https: //evil.example [now] (x) is not in it' }] },
    },
  });
});

test.each([
  [
    accounting(),
    "5 files declare packages: 3 in Trivy's report, 1 in files of the distribution, whose advisories are about them, 1 without the name of a package",
  ],
  [
    {
      ...accounting({ unread: [GAP] }),
      declared: 2,
      accounted: 0,
      excused: { nameless: 0, ofDistribution: 0 },
      notCoveredCount: 1,
    },
    '2 files declare packages: 1 not covered by the scan, 1 of kinds that Trivy never reads',
  ],
  [
    { ...accounting(), declared: 1, accounted: 1, excused: { nameless: 0, ofDistribution: 0 } },
    "1 file declares packages: 1 in Trivy's report",
  ],
  [
    { ...accounting(), declared: 0, accounted: 0, excused: { nameless: 0, ofDistribution: 0 } },
    '0 files declare packages',
  ],
])('how files were answered is one line', (of, text) => {
  expect(answersText(answerCounts(of))).toBe(text);
});
