import * as fc from 'fast-check';
import { compileGlob } from '../../../src/core/text/glob';
import { PrefixIndex } from '../../../src/core/waivers/prefix-index';
import { soon } from '../../support/soon';

const matches = (pattern: string, text: string) => compileGlob(pattern).matches(text);

describe('a pattern', () => {
  test.each([
    ['team/app', 'team/app', 'team/apps'],
    ['team/app', 'team/app', 'my/team/app'],
    ['team/*', 'team/app', 'team/app/api'],
    ['team/*', 'team/', 'team'],
    ['team/**', 'team/app/api', 'team'],
    ['*', 'app', 'team/app'],
    ['**', 'team/app', undefined],
    ['**', '', undefined],
    ['', '', 'a'],
    ['a*c', 'abbc', 'ab/bc'],
    ['a**c', 'ab/bc', 'ab/b'],
    ['**/x', 'x', 'ax'],
    ['**/x', 'a/b/x', 'a/b/ax'],
    ['a/**/x', 'a/x', 'a/bx'],
    ['a/**/x', 'a/b/c/x', 'ab/x'],
    ['a/**/', 'a/', 'a/b'],
    ['*.jar', 'a.jar', 'lib/a.jar'],
    ['**/*.jar', 'app/lib/a.jar', 'app/lib/ajar'],
    ['a*b*c', 'a1b2b3c', 'a1b2b3'],
    ['CVE-2024-1', 'CVE-2024-1', 'CVE-2024-12'],
    ['a.c', 'a.c', 'abc'],
    ['a?c', 'a?c', 'abc'],
    ['[ab]', '[ab]', 'a'],
    ['a|b', 'a|b', 'a'],
    ['(a+)+', '(a+)+', 'aaa'],
    ['^a$', '^a$', 'a'],
    ['\\*', '\\x', '*'],
    ['A', 'A', 'a'],
  ])('%j matches %j and not %j', (pattern, yes, no) => {
    expect(matches(pattern, yes)).toBe(true);
    if (no !== undefined) expect(matches(pattern, no)).toBe(false);
  });

  test('matches what a regular expression for it does', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '**', '**/', '.'), { maxLength: 8 })
      .map(parts => parts.join(''));
    const text = fc
      .array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 10 })
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (any, other) => {
        expect(matches(any, other)).toBe(reference(any).test(other));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['stars', '*a'.repeat(150), 'a'.repeat(400) + 'b'],
    ['stars that cross folders', '**a'.repeat(100), 'a'.repeat(400) + 'b'],
    ['folders', '**/'.repeat(100) + 'x', 'a/'.repeat(400)],
    ['both', '**/*a'.repeat(60), 'a/'.repeat(400)],
  ])('rule 5.6, limits: of many %s takes no time', (_, pattern, text) => {
    const glob = compileGlob(pattern);
    expect(soon(0.05, () => glob.matches(text))).toBe(false);
  });

  test('takes no more than ten times as long for a text ten times as long', () => {
    // the square of its length, for each of the stars, would be years
    expect(soon(5, () => compileGlob(`${'*a'.repeat(100)}*/b`).matches(`${'a'.repeat(200_000)}b`))).toBe(
      false,
    );
  });
});

/** Written another way: only what a test makes itself may become a regular expression. */
function reference(pattern: string): RegExp {
  const meaning: Record<string, string> = { '*': '[^/]*', '**': '.*', '.': '\\.' };
  const source = pattern.replace(/(?<![^/])\*\*+\/|\*\*+|\*|\./g, found =>
    found.endsWith('/') ? '(?:.*/)?' : meaning[found.slice(0, 2)]!,
  );
  return new RegExp(`^${source}$`);
}

test('values by what a text begins with', () => {
  const index = new PrefixIndex<number>();
  [
    ['', 1],
    ['a', 2],
    ['ab', 3],
    ['ab', 4],
    ['b', 5],
  ].forEach(([prefix, value]) => index.add(prefix as string, value as number));
  expect([...index.beginningOf('abc')].sort()).toEqual([1, 2, 3, 4]);
  expect([...index.beginningOf('')]).toEqual([1]);
});
