import type { Waived } from '../../../src/core/evidence/verdict';
import { waivedBy } from '../../../src/core/findings/waived-by';
import { violation } from '../support/made';

const KEYS = ['a', 'b'].map(letter => letter.repeat(32)) as [string, string];

function waived(key: string, fingerprint: string): Waived {
  return {
    ...violation({ fingerprint }),
    action: 'deny',
    waiver: {
      key,
      owner: 'alice@example.com',
      reason: 'not reachable from any input',
      until: '2026-12-31T23:59:59.999Z',
    },
  };
}

test('nothing is waived: an empty answer', () => {
  expect(waivedBy({ waived: [], waivedBy: {} })).toEqual(new Map());
});

test('each finding has the owner and the last day of its waiver, also one that the verdict has no room to tell of', () => {
  const said = { who: 'alice@example.com', lastDay: '2026-12-31' };
  expect(waivedBy({ waived: [waived(KEYS[0], 'f1')], waivedBy: { [KEYS[0]]: ['f1', 'f2'] } })).toEqual(
    new Map([
      ['f1', said],
      ['f2', said],
    ]),
  );
});

test('of a waiver that the verdict tells nothing of, its key is said', () => {
  expect(
    waivedBy({ waived: [waived(KEYS[0], 'f1')], waivedBy: { [KEYS[0]]: ['f1'], [KEYS[1]]: ['f3'] } }).get(
      'f3',
    ),
  ).toEqual({ who: KEYS[1] });
});

test('a waiver of an issue about the image as a whole is about no finding', () => {
  expect(waivedBy({ waived: [], waivedBy: { [KEYS[0]]: [] } })).toEqual(new Map());
});
