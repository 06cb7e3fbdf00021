import * as fc from 'fast-check';
import { accepted, problems, read, REASON } from './made';
import { soon } from '../../support/soon';
import { HOSTILE } from '../support/hostile';

const fileOf = (id: string, reason = REASON) =>
  JSON.stringify({
    version: 1,
    waivers: [{ id, repositories: ['a'], owner: 'abc', reason, expires: '2026-12-01' }],
  });

describe('YAML that is more than data', () => {
  test.each([
    ['an anchor', 'a: &x 1\n', '1:4: an anchor (&)'],
    ['an alias', 'a: 1\nb: *a\n', '2:4: an alias (*)'],
    ['a merge', '<<: *x\n', '1:5: an alias (*)'],
    ['a tag of YAML', 'a: !!binary aGk=\n', '1:4: a tag (!)'],
    ["a tag of one's own", 'a: !js/function "x"\n', '1:4: a tag (!)'],
    ['a tag on a key', '!!str a: 1\n', '1:1: a tag (!)'],
    ['a directive', '%YAML 1.1\n---\na: 1\n', '1:1: a directive (%)'],
  ])('%s is refused where it stands', (_, text, problem) => {
    expect(problems(read(text))[0]).toContain(
      `waivers.yaml:${problem} is not read here, allowed: plain maps, lists and texts`,
    );
  });

  test('a merge key without an alias is a key like any other', () => {
    expect(problems(read('version: 1\nwaivers: []\n<<: {a: 1}\n'))).toEqual([
      'waivers.yaml:3:1: "<<" is not a key of the document, allowed: version, waivers',
    ]);
  });

  test.each([
    ['a tab as indentation', 'version: 1\nwaivers:\n\t- id: a\n', 3, /not YAML: Tabs/],
    ['a list as a key', '? [a]\n: 1\n', 1, /not YAML: /],
    ['a second document', 'a: 1\n---\nb: 2\n', 2, /a second document begins here, allowed: one; take it out/],
    [
      'a document after the end',
      'a: 1\n...\nb: 2\n',
      3,
      /a second document begins here, allowed: one; take it out/,
    ],
    ['an open quote', 'version: "1\n', 2, /not YAML: /],
    ['an open flow', 'version: [1\n', 2, /not YAML: /],
    ['a bad escape', 'version: "\\q"\n', 1, /not YAML: /],
    ['an outdent', 'a:\n    b: 1\n  c: 2\n', 3, /not YAML: /],
    ['NUL', 'version: 1\nwaivers: \u0000[]\n', 2, /a control character \(U\+0000\)/],
    ['NUL in quotes', 'version: "\u0000"\n', 1, /a control character \(U\+0000\)/],
    ['an escape', 'version: \u001b[31m1\n', 1, /a control character \(U\+001B\)/],
    [
      'a lone carriage return, which hides a line',
      'version: 1\n# fine\rwaivers: []\n',
      2,
      /a control character \(U\+000D\)/,
    ],
    [
      'YAML test suite: a second byte-order mark',
      '\ufeff\ufeffversion: 1\nwaivers: []\n',
      1,
      /a byte-order mark \(U\+FEFF\), allowed: one, at the beginning of the file; take it out/,
    ],
    ['a byte-order mark further on', 'version: 1\n\ufeffwaivers: []\n', 2, /a byte-order mark \(U\+FEFF\)/],
    [
      'a line separator, at which YAML 1.1 ends a comment and YAML 1.2 does not',
      'version: 1 # one\u2028waivers: []\n',
      1,
      /a line separator \(U\+2028\), at which only some readers of YAML begin a line, allowed: line feeds; take it out/,
    ],
    ['a paragraph separator', 'version: 1 # one\u2029waivers: []\n', 1, /a line separator \(U\+2029\)/],
    ['a next line', 'version: 1 # one\u0085waivers: []\n', 1, /a line separator \(U\+0085\)/],
  ])('%s is refused', (_, text, line, problem) => {
    expect(problems(read(text))[0]).toMatch(new RegExp(`^waivers\\.yaml:${line}:\\d+: ${problem.source}`));
  });
});

describe('rule 5.6, limits: YAML that costs much', () => {
  const laughs = [
    'a: &a ["lol"]',
    ...[...'bcdefghi'].map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`),
  ].join('\n');
  test.each([
    ['a billion laughs', laughs, /an anchor/],
    ['deep lists', '['.repeat(1_000_000), /nested too deep/],
    ['deep lists on one line', '- '.repeat(500_000), /nested too deep/],
    ['deep keys', '? '.repeat(500_000), /nested too deep/],
    ['deep maps', '{a: '.repeat(200_000), /nested too deep/],
    [
      'a staircase',
      Array.from({ length: 1_400 }, (_, indent) => `${' '.repeat(indent)}a:\n`).join(''),
      /nested too deep/,
    ],
    [
      'many keys',
      Array.from({ length: 60_000 }, (_, index) => `k${index}: 1\n`).join(''),
      /is not a key of the document/,
    ],
    ['the same key many times', 'a:\n'.repeat(90_000), /stands twice/],
    ['many commas', `[${','.repeat(299_000)}`, /not YAML/],
    ['more commas than anybody writes', `[${','.repeat(310_000)}`, /too many entries/],
    ['many entries', `version: 1\nwaivers:\n${'- a\n'.repeat(70_000)}`, /waivers has 70000 entries/],
    ['more marks than anybody writes', 'a:\n'.repeat(300_000), /too many entries/],
    ['many anchors', '&a '.repeat(300_000), /an anchor/],
    ['a huge file', 'a'.repeat(1024 * 1024 + 1), /the file has 1048577 bytes, allowed: 1048576/],
    ['a huge file of wide characters', 'ä'.repeat(600_000), /the file has 1200000 bytes/],
    ['a huge text', fileOf('CVE-1', 'x'.repeat(900_000)), /reason is "x{79}…"/],
    ['a huge id', fileOf(`${'x'.repeat(900_000)} `), /id is "x{79}…"/],
    ['many quotes', `a: "${'\\"'.repeat(500_000)}"`, /is not a key/],
  ])('%s is refused, soon', (_, text, problem) => {
    const lines = soon(5, () => problems(read(text)));
    expect(lines.join('\n')).toMatch(problem);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(600);
  });
});

test.each(['[', '{a: ', '- ', '? ', '- - ? '])('%j is refused before it uses up the stack', mark => {
  for (let depth = 17; depth < 20_000; depth = Math.ceil(depth * 1.5)) {
    expect(problems(read(mark.repeat(depth))).join('\n')).toMatch(/nested too deep/);
  }
});

describe('any text', () => {
  const VISIBLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]*$/u;
  const snippets = fc.constantFrom(
    'version: 1\n',
    'waivers:\n',
    '- ',
    'id: CVE-1\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ': ',
    '"',
    "'",
    '|\n',
    '>\n',
    '&a ',
    '*a',
    '!t ',
    '---\n',
    '\t',
    '#',
    '%',
    '\ufeff',
    '\r\n',
    ',',
    '? ',
  );

  test('ends in waivers or in problems that can be shown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(snippets, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 30 }),
        parts => {
          const lines = problems(read(parts.join('')));
          expect(
            lines.every(line => /^waivers\.yaml:[1-9]\d*:[1-9]\d*: /.test(line) && VISIBLE.test(line)),
          ).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each(HOSTILE)('%j as an id is an id that is shown as it is, or refused', hostile => {
    const outcome = read(fileOf(hostile));
    if (outcome.ok) expect(accepted(outcome)[0]!.id).toMatch(/^[\x20-\x7e]+$/);
    else expect(problems(outcome).every(line => VISIBLE.test(line))).toBe(true);
  });
});
