import { imageName } from '../../../src/core/image/image';
import { NO_COVERAGE, withRow } from '../../../src/core/register/coverage';
import { newRow, type RegisterRow } from '../../../src/core/register/row';

const NOW = new Date('2026-11-26T12:00:00Z');
const row = newRow(
  imageName({
    account: '000000000000',
    region: 'us-east-1',
    repository: 'team/app',
    digest: `sha256:${'a'.repeat(64)}`,
  }),
);

function judged(
  outcome: 'PASS' | 'FAIL',
  validUntil: string,
  kind: RegisterRow['kind'] = 'image',
): RegisterRow {
  const counts = { CRITICAL: 2, HIGH: 3, MEDIUM: 5, LOW: 7, UNKNOWN: 11 };
  return { ...row, kind, verdict: { outcome, validUntil, counts } as RegisterRow['verdict'] };
}

const TOMORROW = '2026-11-27T12:00:00Z';
const YESTERDAY = '2026-11-25T12:00:00Z';

test.each<[string, RegisterRow, object]>([
  ['a PASS that holds', judged('PASS', TOMORROW), { passed: 1, critical: 2, high: 3 }],
  ['a PASS that has expired, whose findings nobody knows', judged('PASS', YESTERDAY), { unjudged: 1 }],
  ['a FAIL, which does not expire', judged('FAIL', YESTERDAY), { refused: 1, critical: 2, high: 3 }],
  ['no verdict yet', row, { unjudged: 1 }],
  ['an index: its images have rows', judged('FAIL', TOMORROW, 'index'), {}],
  [
    'a refused image that a scan found gone',
    { ...judged('FAIL', TOMORROW), lastFailedScan: { cause: 'IMAGE_GONE' } as RegisterRow['lastFailedScan'] },
    {},
  ],
  ['a signature', { ...row, kind: 'attachment' }, {}],
])('%s', (_, one, counted) => {
  expect(withRow(NO_COVERAGE, one, NOW)).toEqual({ ...NO_COVERAGE, ...counted });
});

test('rows add up', () => {
  const rows = [judged('PASS', TOMORROW), judged('FAIL', TOMORROW), row, row];
  expect(rows.reduce((sum, each) => withRow(sum, each, NOW), NO_COVERAGE)).toEqual({
    passed: 1,
    refused: 1,
    held: 0,
    unjudged: 2,
    critical: 4,
    high: 6,
  });
});
