import { wrongIn } from './bounds';
import type { Scanned } from './scan';

const NO_TIME = { seconds: 0, ofProcessor: 0, mebibytes: 0 };
const HONEST: Scanned = {
  accounting: {
    declared: 1,
    accounted: 1,
    excused: { nameless: 0, ofDistribution: 0 },
    notCovered: [],
    notCoveredCount: 0,
    unread: [],
    unreadCount: 0,
  },
  declared: [],
  findings: { bare: 1, ours: 1, lost: [], ofNoFile: 0, gained: [] },
  read: { ...NO_TIME, seconds: 1, ofProcessor: 1, mebibytes: 200 },
  scan: { ...NO_TIME, seconds: 10, ofProcessor: 10, mebibytes: 900 },
  account: { ...NO_TIME, mebibytes: 100 },
  bare: { ...NO_TIME, seconds: 10, ofProcessor: 10 },
};
const more = (path: string) => [{ text: `jar ${path} log4j`, path }];

test('an honest image has nothing wrong', () => {
  expect(wrongIn(HONEST)).toEqual([]);
  expect(
    wrongIn({ ...HONEST, findings: { ...HONEST.findings, gained: more('opt/a.jar') } }, { more: /^opt\// }),
  ).toEqual([]);
});

test.each<[string, Partial<Scanned>, string]>([
  [
    'a file that is not covered',
    {
      accounting: {
        ...HONEST.accounting,
        notCovered: [{ path: 'a', kind: 'jar', detail: 'no' }],
        notCoveredCount: 1,
      },
    },
    'not covered: a (jar): no',
  ],
  ['a finding that is lost', { findings: { ...HONEST.findings, lost: ['jar a'] } }, 'lost: jar a'],
  [
    'a finding in a file of the distribution',
    { findings: { ...HONEST.findings, gained: more('usr/a.jar') } },
    'found by us alone: jar usr/a.jar log4j',
  ],
  [
    'a reader that takes a third longer',
    { read: { ...HONEST.read, seconds: 3, ofProcessor: 3 } },
    'it took 13.0 s, allowed: 12.0, beside Trivy alone with 10.0 s by the clock, and 13.0 s, allowed: 12.0, beside Trivy alone with 10.0 s of the processors',
  ],
  [
    'a reader that needs more memory',
    { read: { ...HONEST.read, mebibytes: 257 } },
    'the reader had 257 MiB, allowed: 256',
  ],
])('%s is wrong', (_what, change, wrong) => {
  expect(wrongIn({ ...HONEST, ...change })).toEqual([wrong]);
});

test('a file that is known not to be covered is not wrong, and one that is covered by now is', () => {
  const notCovered = [{ path: 'a', kind: 'jar', detail: 'no' }];
  const scanned = { ...HONEST, accounting: { ...HONEST.accounting, notCovered, notCoveredCount: 1 } };
  expect(wrongIn(scanned, { known: ['a'] })).toEqual([]);
  expect(wrongIn(HONEST, { known: ['a'] })).toEqual([
    'covered now: a; take it out of images.ts and docs/limits.md',
  ]);
});

test('a scan that other programs slowed down is not wrong', () => {
  expect(wrongIn({ ...HONEST, read: { ...HONEST.read, seconds: 30 } })).toEqual([]);
});

test('a short scan may take a second more', () => {
  const bare = { ...NO_TIME, seconds: 1, ofProcessor: 1 };
  const scan = { ...NO_TIME, seconds: 0.9, ofProcessor: 0.9 };
  expect(wrongIn({ ...HONEST, bare, scan })).toEqual([]);
});
