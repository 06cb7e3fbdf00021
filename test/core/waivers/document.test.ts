import * as fc from 'fast-check';
import { entries, entry, waiver } from './made';
import { joinWaivers, parseWaivers, writeWaivers } from '../../../src/core/waivers/document';
import { shownWaiver } from '../../../src/core/waivers/shown';
import { unusedWaivers } from '../../../src/core/waivers/unused';
import { sorted, waiverOf } from '../../../src/core/waivers/waiver';
import { HOSTILE } from '../support/hostile';

describe('the canonical form', () => {
  const many = fc.array(entries().map(waiverOf), { maxLength: 10 });

  test('is read as it was written', () => {
    fc.assert(
      fc.property(many, waivers => {
        const text = writeWaivers(waivers);
        const read = parseWaivers(text);
        const normal = joinWaivers([waivers]).map(each => ({
          ...each,
          repositories: sorted(each.repositories),
          digests: sorted(each.digests),
        }));
        expect(read).toEqual({ ok: true, value: normal });
        expect(writeWaivers(normal)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('is the same in whichever order they come', () => {
    fc.assert(
      fc.property(many, waivers => {
        expect(writeWaivers([...waivers].reverse())).toBe(writeWaivers(waivers));
      }),
      { numRuns: 500 },
    );
  });

  test('has its keys, its scopes and its waivers in one order, and no more', () => {
    const one = waiverOf({
      expires: '2026-12-31',
      reason: 'r'.repeat(20),
      repositories: ['b', 'a', 'b'],
      owner: 'abc',
      id: 'CVE-1',
      ticket: undefined,
    });
    expect(writeWaivers([one])).toBe(
      '{"version":1,"waivers":[{"id":"CVE-1","repositories":["a","b"],"owner":"abc","reason":"rrrrrrrrrrrrrrrrrrrr","expires":"2026-12-31"}]}\n',
    );
  });

  test('is read long after it was written', () => {
    expect(parseWaivers(writeWaivers([waiver({ expires: '2020-01-01' })]))).toMatchObject({ ok: true });
  });

  test.each([
    ['no JSON', '{', /^waivers: /],
    ['YAML', 'version: 1', /^waivers: /],
    ['another version', '{"version":2,"waivers":[]}', /^version: version is the number "2", allowed: 1/],
    [
      'a key that nobody knows',
      JSON.stringify({ version: 1, waivers: [{ ...entry(), colour: 'red' }] }),
      /^waivers\.0: unknown keys: "colour"/,
    ],
    [
      'a prototype',
      `{"version":1,"waivers":[{"__proto__":{},${JSON.stringify(entry()).slice(1)}]}`,
      /^waivers\.0: unknown keys: "__proto__"/,
    ],
    [
      'no scope',
      JSON.stringify({ version: 1, waivers: [{ ...entry(), repositories: undefined }] }),
      /^waivers\.0: the waiver has no scope/,
    ],
    ['a key of its own', JSON.stringify({ version: 1, waivers: [waiver()] }), /unknown keys: "key"/],
    ['too much', ' '.repeat(5 * 1024 * 1024), /allowed: 4194304/],
    [
      'too many',
      JSON.stringify({ version: 1, waivers: Array.from({ length: 5_001 }, () => entry()) }),
      /waivers is a list of 5001, allowed: at most 5000/,
    ],
  ])('%s is refused', (_, text, problem) => {
    const read = parseWaivers(text);
    expect(read.ok ? [] : read.error).toContainEqual(expect.stringMatching(problem));
  });
});

describe('the key of a waiver', () => {
  test.each([
    ['expires', { expires: '2027-01-01' }],
    ['accepted', { accepted: '2026-11-01' }],
    ['owner', { owner: 'another team' }],
    ['reason', { reason: 'another assessment, and a longer one' }],
    ['ticket', { ticket: 'SEC-8' }],
    ['the order of its scope', { repositories: ['b', 'team/*', 'b'] }],
  ])('does not change with %s', (_, changes) => {
    expect(waiver({ repositories: ['team/*', 'b'], ...changes }).key).toBe(
      waiver({ repositories: ['team/*', 'b'] }).key,
    );
  });

  test('changes with everything that it covers', () => {
    const digests = [`sha256:${'a'.repeat(64)}`];
    const keys = [
      {},
      { id: 'CVE-2' },
      { purl: 'pkg:npm/a@1' },
      { path: 'a' },
      { path: 'pkg:npm/a@1' },
      { repositories: ['team'] },
      { digests },
      { until: 'fixed' as const },
      { id: undefined, purl: 'CVE-2024-1' },
    ].map(changes => waiver(changes).key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toBe('86ae62b8340ac7930f955c34a6220787');
  });
});

test('of several sources, the one that ends last stays', () => {
  const [early, late, other] = [
    waiver({ expires: '2026-12-01', owner: 'first' }),
    waiver({ expires: '2026-12-02', owner: 'second' }),
    waiver({ id: 'CVE-2' }),
  ];
  for (const sources of [
    [[early, other], [late]],
    [[late], [other, early]],
  ]) {
    expect(new Set(joinWaivers(sources))).toEqual(new Set([late, other]));
  }
});

test('those that covered nothing', () => {
  const [one, two] = [waiver(), waiver({ id: 'CVE-2' })];
  expect(unusedWaivers([one, two], { keys: new Set([two.key.slice(0, 12)]) })).toEqual([one]);
  expect(unusedWaivers([one, two], { keys: new Set() })).toEqual([one, two]);
});

describe('where it is shown', () => {
  test.each(HOSTILE)('%j is one line of visible characters', hostile => {
    const shown = shownWaiver(waiver({ owner: hostile, reason: hostile, ticket: hostile, path: hostile }));
    for (const text of Object.values(shown)) {
      expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]{0,300}$/u);
    }
  });

  test('it says what is waived', () => {
    expect(shownWaiver(waiver({ purl: 'pkg:npm/a@*', path: 'app/**', until: 'fixed' })).what).toBe(
      'CVE-2024-1 in pkg:npm/a@* at app/** while there is no fix',
    );
    expect(shownWaiver(waiver({ id: undefined, path: 'app/**' })).what).toBe('everything at app/**');
  });
});
