import { base, imageIn, layersOf } from './made';
import { baseOf, newerBases } from '../../../src/core/bases/base-of';
import { chainIds } from '../../../src/core/bases/chain-ids';
import type { KnownBase } from '../../../src/core/bases/known-bases';

const APP = imageIn('team/app', 'app');
const found = (images: KnownBase[], ...layers: string[]) =>
  baseOf({ images }, APP, layersOf(...layers))?.image;

describe('the base of an image', () => {
  test.each<[string, KnownBase[], KnownBase | undefined]>([
    ['its lowest layers', [base('a', ['1', '2'])], base('a', ['1', '2'])],
    ['all its layers', [base('a', ['1', '2', '3'])], base('a', ['1', '2', '3'])],
    ['of several the one with the most', [base('a', ['1']), base('b', ['1', '2'])], base('b', ['1', '2'])],
    [
      'of the same layers the newest',
      [base('a', ['1'], { day: 1 }), base('b', ['1'], { day: 2 })],
      base('b', ['1'], { day: 2 }),
    ],
    ['no layers of elsewhere', [base('a', ['2', '3']), base('b', ['2'])], undefined],
    ['no layers in another order', [base('a', ['2', '1'])], undefined],
    ['no more layers than it has', [base('a', ['1', '2', '3', '4'])], undefined],
    ['not the image itself, in whatever repository', [base('app', ['1', '2'])], undefined],
  ])('%s', (_, images, expected) => {
    expect(found(images, '1', '2', '3')).toBe(expected?.image);
  });

  test('an image without layers has none', () => {
    expect(found([base('a', ['1'])])).toBeUndefined();
  });

  test('an image of a base repository is not built on another build of itself, but may be on a smaller one', () => {
    const of = (images: KnownBase[]) =>
      baseOf({ images }, imageIn('base/node', 'new'), layersOf('1', '2'))?.image;
    expect(of([base('old', ['1', '2'])])).toBeUndefined();
    expect(of([base('small', ['1'])])).toBe(imageIn('base/node', 'small'));
  });

  test('a chain id is that of the specification', () => {
    // ChainID(A, B) is Digest(ChainID(A) + " " + B)
    expect(chainIds(['sha256:a', 'sha256:b'])).toEqual([
      'sha256:a',
      'sha256:970a948bffa8de94d6e22d747ba8c95030e6e546909f98f54e99a13005e173a8',
    ]);
  });
});

describe('newer images of the same repository', () => {
  const old = base('old', ['1'], { day: 5, tags: ['20.11'] });
  const newer = (...images: KnownBase[]) =>
    newerBases({ images: [old, ...images] }, old).map(({ base: { image } }) => image);

  test.each<[string, KnownBase, boolean]>([
    ['a newer one that passes', base('a', ['2'], { day: 6 }), true],
    ['an older one', base('a', ['2'], { day: 4 }), false],
    ['one that fails', base('a', ['2'], { day: 6, outcome: 'FAIL' }), false],
    ['of another platform', base('a', ['2'], { day: 6, platform: 'linux/arm64' }), false],
    ['of another repository', base('a', ['2'], { day: 6, repository: 'base/java' }), false],
    ['with the same layers', base('a', ['1'], { day: 6 }), false],
    [
      'built at the same time, as it says, and judged later',
      base('a', ['2'], { builtAt: old.builtAt, since: '2026-11-06T00:00:00.000Z' }),
      true,
    ],
  ])('%s', (_, image, is) => {
    expect(newer(image)).toEqual(is ? [image.image] : []);
  });

  test('those of the same line come first, and of these the newest', () => {
    const [line, later, other, untagged] = [
      base('line', ['2'], { day: 6, tags: ['20.12'] }),
      base('later', ['3'], { day: 7, tags: ['20.13'] }),
      base('other', ['4'], { day: 9, tags: ['22.1'] }),
      base('untagged', ['5'], { day: 8 }),
    ];
    expect(newer(line, later, other, untagged)).toEqual(
      [later, line, other, untagged].map(({ image }) => image),
    );
    expect(newerBases({ images: [line, other, untagged] }, old)).toMatchObject([
      { isSameLine: true, isNewest: false },
      { isSameLine: false, isNewest: true },
      { isNewest: false },
    ]);
    expect(newerBases({ images: [untagged] }, old)[0]).not.toHaveProperty('isSameLine');
  });
});
