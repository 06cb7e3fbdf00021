import { base, imageIn } from './made';
import { chainIds } from '../../../src/core/bases/chain-ids';
import { BASES_KEY, knownBase, KnownBases, NO_BASES, withBase } from '../../../src/core/bases/known-bases';
import { ImageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { verdict } from '../support/made';
import { report } from '../support/reports';

const CLEAN = report('clean');
const named = { tags: ['20.11'] };

function built(created: string | undefined) {
  const { Metadata } = CLEAN;
  return { ...CLEAN, Metadata: { ...Metadata, ImageConfig: { ...Metadata.ImageConfig, created } } };
}

test('what is known of a base image is what its reader of layers says, and when it was built', () => {
  const judged = verdict({ firstSeen: { '2026-11-20T00:00:00.000Z': ['a'] } });
  expect(knownBase(judged, CLEAN, named)).toEqual({
    image: judged.image,
    platform: 'linux/amd64',
    layers: CLEAN.Metadata.DiffIDs!.length,
    chain: chainIds(CLEAN.Metadata.DiffIDs!).at(-1),
    tags: ['20.11'],
    builtAt: '2026-01-01T00:00:00.000Z',
    since: '2026-11-20T00:00:00.000Z',
    outcome: 'PASS',
  });
});

test.each([
  ['nothing', undefined],
  ['no time', 'yesterday'],
  ['the beginning of time, as builds that can be repeated do', '1970-01-01T00:00:00Z'],
  ['the future', '2099-01-01T00:00:00Z'],
])('if its config says %s, it is as old as its first verdict', (_, created) => {
  expect(knownBase(verdict(), built(created), named)).toMatchObject({ builtAt: verdict().evaluatedAt });
});

test('an image without layers is no base image', () => {
  const { Metadata } = CLEAN;
  expect(knownBase(verdict(), { ...CLEAN, Metadata: { ...Metadata, DiffIDs: [] } }, named)).toBeUndefined();
});

test('an image is known once, as it was judged last', () => {
  const once = withBase(withBase(NO_BASES, base('a', ['1'])), base('a', ['1'], { outcome: 'FAIL' }));
  expect(once.images).toEqual([base('a', ['1'], { outcome: 'FAIL' })]);
});

test('the newest of a repository are known, and of all repositories', () => {
  const many = (count: number, repository: string, day: number) =>
    Array.from({ length: count }, (_, at) =>
      base(`${repository}${at}`, ['1'], { repository, day: day + (at % 20) }),
    );
  const one = many(Limit.basesOfRepository + 5, 'base/one', 1).reduce(withBase, NO_BASES).images;
  expect(one).toHaveLength(Limit.basesOfRepository);
  expect(one.every(({ builtAt }) => builtAt > '2026-11-02')).toBe(true);
  const all = Array.from({ length: 7 }, (_, at) => many(35, `base/${at}`, 1 + at))
    .flat()
    .reduce(withBase, NO_BASES);
  expect(all.images).toHaveLength(Limit.bases);
});

test('its row has room for the longest names', () => {
  const longest = base('a', ['1'], {
    image: imageIn('a'.repeat(256), 'a').replace('us-east-1', 'ap-southeast-7'),
    platform: 'p'.repeat(40),
    layers: 127,
    tags: Array.from({ length: Limit.baseTags }, () => 't'.repeat(128)),
    index: `sha256:${'0'.repeat(64)}`,
  });
  const row = JSON.stringify(
    KnownBases.parse({ images: Array.from({ length: Limit.bases }, () => longest) }),
  );
  expect(row.length).toBeLessThan(380_000);
});

test('its key is that of no image', () => {
  expect(ImageName.safeParse(BASES_KEY).success).toBe(false);
});
