import * as fc from 'fast-check';
import { Keys, readStrictJson } from '../../../src/core/text/strict-json';
import { soon } from '../../support/soon';
import { Members, readWritten, type Written } from '../bad-input/written';

const NOBODYS = new Keys({});
const TRIVYS = new Keys({
  properties: {
    Severity: {},
    Results: { items: { properties: { Target: {} } } },
    Labels: { additionalProperties: { properties: { Value: {} } } },
  },
});

function said(text: string, keys = NOBODYS): string {
  const read = readStrictJson(new TextEncoder().encode(text), keys);
  return read.ok ? 'ok' : read.error;
}

/** A text of JSON, each character as it is or as an escape. */
const Text = fc
  .array(fc.constantFrom('"', '\\', ':', 'a', '\n', '\u2028', '\ud83d', ',', '{', '1'), { maxLength: 2 })
  .chain(characters =>
    fc
      .array(fc.boolean(), { minLength: characters.length, maxLength: characters.length })
      .map(
        escaped =>
          `"${characters.map((each, at) => (escaped[at] ? unicodeEscape(each) : JSON.stringify(each).slice(1, -1))).join('')}"`,
      ),
  );

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const Space = fc.constantFrom('', ' ', '\n  ', '\t\r\n ');

/** JSON with every kind of space, and with few enough keys that some stand twice. */
const { json: Json } = fc.letrec<{ json: string; list: string; object: string; member: string }>(tie => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('0', '-1.5e3', 'null', 'true'),
    Text,
    tie('object'),
    tie('list'),
  ),
  list: fc
    .tuple(Space, fc.array(tie('json'), { maxLength: 3 }))
    .map(([space, all]) => `[${space}${all.join(`${space},`)}${space}]`),
  member: fc
    .tuple(Space, Text, Space, tie('json'))
    .map(([before, key, after, value]) => `${before}${key}${after}:${before}${value}`),
  object: fc
    .tuple(Space, fc.array(tie('member'), { maxLength: 6 }))
    .map(([space, all]) => `{${all.join(`${space},`)}${space}}`),
}));

/** As slow as it is plain: it compares each key with each other of its object. */
function hasKeyTwice(node: Written): boolean {
  if (node instanceof Members) {
    const keys = node.pairs.map(([key]) => JSON.parse(`"${key}"`) as string);
    return (
      keys.some((key, at) => keys.indexOf(key) < at) || node.pairs.some(([, member]) => hasKeyTwice(member))
    );
  }
  return Array.isArray(node) && node.some(hasKeyTwice);
}

describe('JSON in which nothing stands twice (rule 5.1, hermetic scan)', () => {
  test('is told from JSON in which a key stands twice, wherever and however it is written', () => {
    const seen = { once: 0, twice: 0 };
    fc.assert(
      fc.property(
        fc.oneof(
          Json,
          fc.tuple(Json, Json).map(([a, b]) => `{"x":${a},"y":[${b}]}`),
        ),
        text => {
          const isTwice = hasKeyTwice(readWritten(text)!);
          seen[isTwice ? 'twice' : 'once'] += 1;
          expect(said(text)).toBe(isTwice ? 'has a key twice in one object' : 'ok');
        },
      ),
      { numRuns: 5000 },
    );
    expect(seen.once).toBeGreaterThan(1000);
    expect(seen.twice).toBeGreaterThan(1000);
  });

  test.each([
    ['{"a":1,"a":1}'],
    ['{"a":1,"\\u0061":1}'],
    ['{"":1,"":1}'],
    ['{"1":1,"1":1}'],
    ['{"1":1,"\\u0031":1,"2":":"}'],
    ['{"\\"":1,"\\u0022":1}'],
    ['{"\\ud800":1,"\\uD800":1}'],
    ['{"toString":1,"toString":1}'],
    ['{"a" \n\t\r :1,"a":1}'],
    ['[{"a":{"b":[{"c":1,"c":"\\u0022\\u003a"}]}}]'],
    ['{"a":"\\\\","a":"\\\\\\""}'],
  ])('%j has a key twice', text => {
    expect(said(text)).toBe('has a key twice in one object');
  });

  test.each([
    ['{"a":"a:b","b":"\\":","c":"\\\\"}'],
    ['{"a":1,"A":1}'], // nobody reads either
    ['{"1":1,"01":1,"constructor":1}'],
    ['{"\\ud800":1,"\\ud801":1}'],
    ['[{"a":1},{"a":1}]'],
    ['[":","\\":",":\\":"]'],
    ['{"é":1,"e\u0301":1}'],
    ['""'],
    ['0'],
  ])('%j has none', text => {
    expect(said(text)).toBe('ok');
  });

  test('is told from it at any depth', () => {
    const nested = (inner: string) => '[{"a":'.repeat(2000) + inner + '}]'.repeat(2000);
    expect(said(nested('{"b":1,"c":1}'))).toBe('ok');
    expect(said(nested('{"b":1,"b":1}'))).toBe('has a key twice in one object');
  });

  test.each([
    ['{"severity":1}'],
    ['{"Severity":1,"SEVERITY":1}'],
    ['{"Re\u017fults":1}'],
    ['{"Results":[{"target":1}]}'],
    ['{"Labels":{"x":{"value":1}}}'],
    ['{"__proto__":1}'],
    ['{"x":{"__proto__":1}}'],
    ['{"\\u005f_proto__":1}'],
  ])('%j has a key that is not as Trivy writes it', text => {
    expect(said(text, TRIVYS)).toMatch(/^has a key in another case/);
  });

  test.each([
    ['{"Severity":1,"Results":[{"Target":1,"severity":1}],"Labels":{"labels":{"Value":1}}}'],
    ['{"target":1,"Value":1,"value":1}'],
  ])('%j has keys that are read elsewhere', text => {
    expect(said(text, TRIVYS)).toBe('ok');
  });

  test.each([['{"a":1,}'], ['{"a":1'], ['"'], ['"\\"'], ['{"a'], [''], ['\ufeff\ufeff0'], ["{'a':1}"]])(
    '%j is no JSON',
    text => {
      expect(said(text)).toBe('is not JSON: SyntaxError');
    },
  );

  test.each([
    ['quotes', `{"a":"${'\\"'.repeat(3_000_000)}"}`],
    ['backslashes', `{"a":"${'\\\\'.repeat(3_000_000)}"}`],
    ['space before a colon', `{"a"${' '.repeat(6_000_000)}:1}`],
    ['texts', `[${'"",'.repeat(2_000_000)}""]`],
  ])('millions of %s take no longer than others', (_, text) => {
    expect(soon(5, () => said(text))).toBe('ok');
  });

  /** Above 16 MiB, and no JSON: what is refused for its marks is refused before it is parsed. */
  test.each([
    ['lists', '[', 4_000_000],
    ['objects', '{', 4_000_000],
    ['lists and objects', '[{', 4_000_000],
    ['members', ',', 32_000_000],
  ])('rule 5.6, limits: one more than the most %s is not parsed', (_, marks, most) => {
    const of = (count: number) => `]${marks.repeat(count).slice(0, count)}${' '.repeat(17 * 1024 * 1024)}`;
    expect(said(of(most))).toBe('is not JSON: SyntaxError');
    expect(said(of(most + 1))).toBe('has more lists, objects and members than are read');
  });
});
