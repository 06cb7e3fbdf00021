import * as fc from 'fast-check';
import {
  cutToBytes,
  markdownText,
  nameText,
  plainText,
  quoted,
  subjectText,
} from '../../../src/core/text/plain-text';
import { HOSTILE } from '../support/hostile';
import { COMMAND, LINK } from '../support/inert';
import { COMMANDS, HONEST, LINKS } from '../support/names';

const VISIBLE_LINE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]*$/u;
const text = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'binary' }).map(each => `\u001b[${each}`),
);

describe("a stranger's text (rule 5.5, untrusted text)", () => {
  test.each(HOSTILE)('%j as plain text, in Markdown and as a subject', hostile => {
    expect(plainText(hostile)).toMatch(VISIBLE_LINE);
    expect(markdownText(hostile)).not.toMatch(/[\\`*_{}[\]()<>~@|!]/);
    expect(subjectText(`FAIL: ${hostile}`)).toMatch(/^[\x21-\x7e](?:[\x20-\x7e]{0,97}[\x21-\x7e])?$/);
  });

  test('is one line of visible characters, and no longer than asked for', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (any, max) => {
        expect(plainText(any, max)).toMatch(VISIBLE_LINE);
        expect(Array.from(plainText(any, max)).length).toBeLessThanOrEqual(max);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same when it goes through twice', () => {
    fc.assert(
      fc.property(text, any => plainText(plainText(any)) === plainText(any)),
      { numRuns: 200 },
    );
  });

  test('makes a subject that SNS takes: ASCII, less than 100 characters, no space at its ends', () => {
    fc.assert(
      fc.property(text, any => {
        expect(subjectText(`FAIL: ${any}`)).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      }),
      { numRuns: 300 },
    );
  });

  test('starts nothing in Markdown but an entity', () => {
    fc.assert(
      fc.property(text, any => {
        expect(markdownText(any).replace(/&#\d+;/g, '')).not.toMatch(/[\\`*_{}[\]()#+!|<>~@&]/);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a\nb\r\nc\td', 'a b c d'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007', 'link'],
    ['a\u202eb\u2066c\u200b', 'abc'],
    ['half \ud800 of one', 'half  of one'],
    ['data\u{e0100}\u{e01ef}\u{e0041}', 'data'],
    ['Ünïcode 漢字 😀', 'Ünïcode 漢字 😀'],
    ['  trimmed  ', 'trimmed'],
  ])('%j reads %j', (hostile, plain) => {
    expect(plainText(hostile)).toBe(plain);
  });

  test('a cut shows, and splits no character', () => {
    expect(plainText('😀😀😀', 2)).toBe('😀…');
  });
});

describe('a name from an image (rule 5.5, untrusted text)', () => {
  test('is tried with what is worth trying', () => {
    expect(HONEST.length).toBeGreaterThanOrEqual(40);
    expect(COMMANDS.length + LINKS.length).toBeGreaterThanOrEqual(40);
  });

  test.each(HONEST)('%j stays as it is', name => {
    expect([plainText(name), nameText(name)]).toEqual([name, name]);
    const decoded = markdownText(name).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
    expect(decoded).toBe(name);
  });

  test.each([...COMMANDS, ...LINKS])('%j is no command in a log', hostile => {
    for (const shown of [plainText(hostile), nameText(hostile), plainText(`  ${hostile}`)]) {
      expect(shown).not.toMatch(COMMAND);
    }
    expect(quoted(hostile)).not.toMatch(COMMAND);
  });

  test.each(LINKS)('%j is no link', hostile => {
    expect(nameText(hostile)).not.toMatch(LINK);
    expect(markdownText(hostile)).not.toMatch(LINK);
    expect(markdownText(hostile)).not.toMatch(/\p{L}\.\p{L}/u);
  });

  test('is the same when it goes through twice, and no longer than asked for', () => {
    const any = fc.array(fc.constantFrom(...COMMANDS, ...LINKS, '#', '[', ':', '/', ']', '(', 'www.', ' '), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 300 }), (parts, max) => {
        const once = nameText(parts.join(''), max);
        expect(once).not.toMatch(COMMAND);
        expect(once).not.toMatch(LINK);
        expect(nameText(once, max)).toBe(once);
        expect(Array.from(once).length).toBeLessThanOrEqual(max);
      }),
      { numRuns: 500 },
    );
  });

  test('an address in Amazon S3 stays: it is ours, and nothing opens it', () => {
    expect(nameText('report: s3://bucket/key')).toBe('report: s3://bucket/key');
  });
});

describe('a cut by bytes', () => {
  test('fits, is well formed, and leaves alone what fits', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 3, max: 120 }),
        (any, max) => {
          const cut = cutToBytes(any, max);
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
          expect(cut).not.toMatch(/\p{Cs}/u);
          if (!any.includes('\ufffd')) expect(cut).not.toContain('\ufffd');
          if (Buffer.byteLength(any) <= max) expect(cut).toBe(any);
          else expect(any.startsWith(cut.slice(0, -1))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
