import { unavoidable } from '../../../../src/core/policy/rules/spdx-expression';
import { soon } from '../../../support/soon';
import { HOSTILE } from '../../support/hostile';

const GPL = (license: string) => /^A?GPL/i.test(license);
const gpl = (text: string) => unavoidable(text, GPL);

describe('the licences that nobody can get around', () => {
  test.each<[string, string[]]>([
    ['MIT', []],
    ['GPL-3.0-only', ['GPL-3.0-only']],
    ['MIT OR GPL-3.0-only', []],
    ['GPL-3.0-only OR AGPL-3.0-only', ['GPL-3.0-only', 'AGPL-3.0-only']],
    ['MIT AND GPL-3.0-only', ['GPL-3.0-only']],
    ['MIT AND BSD-3-Clause', []],
    ['MIT OR GPL-2.0-only AND MIT', []],
    ['(MIT OR GPL-2.0-only) AND GPL-3.0-only', ['GPL-3.0-only']],
    ['(MIT OR GPL-2.0-only) AND Zlib', []],
    ['((GPL-2.0-only))', ['GPL-2.0-only']],
    ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only WITH Classpath-exception-2.0']],
    ['GPL-2.0-only WITH Classpath-exception-2.0 OR MIT', []],
    ['GPL-2.0+', ['GPL-2.0+']],
    ['GPL-2.0-only AND GPL-2.0-only', ['GPL-2.0-only']],
    ['LicenseRef-scancode-gpl OR DocumentRef-x:LicenseRef-y', []],
  ])('of the expression %s', (text, expected) => {
    expect(gpl(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['GPLv2+ or Artistic', ['GPLv2+ or Artistic']],
    ['Artistic or GPLv2+', ['GPLv2+']],
    ['MIT, GPLv2', ['GPLv2']],
    ['MIT/GPL-2.0', ['GPL-2.0']],
    ['(MIT OR GPL-3.0-only', ['GPL-3.0-only']],
    ['MIT OR', []],
    ['MIT OR OR GPL-3.0-only', ['GPL-3.0-only']],
    ['MIT OR GPL-3.0-only or later', ['GPL-3.0-only']],
    ['MIT WITH OR GPL-3.0-only', ['GPL-3.0-only']],
    ['MIT GPL-3.0-only', ['GPL-3.0-only']],
    ['GPL', ['GPL']],
    ['the GPL', ['GPL']],
    ['', []],
  ])('of free text, which promises no choice: %s', (text, expected) => {
    expect(gpl(text)).toEqual(expected);
  });

  test('the text of a licence is looked at whole: it speaks of other licences too', () => {
    expect(gpl('text://Permission is hereby granted, unlike by the GPL')).toEqual([]);
    expect(gpl('text://GPL version 3')).toEqual(['text://GPL version 3']);
    expect(gpl('file://LICENSE')).toEqual([]);
  });

  test.each(['GPL-3.0-only', 'GPL-3.0-or-later', 'GPL-3.0+', 'GPL-3.0', 'GPL-3.0-only WITH x'])(
    'a licence is named without its versions: %s',
    text => {
      expect(unavoidable(text, license => license === 'GPL-3.0')).toEqual([text]);
    },
  );

  test('a licence that is forbidden without its exception is forbidden with it', () => {
    expect(unavoidable('GPL-2.0-only WITH x', license => license === 'GPL-2.0-only WITH y')).toEqual([]);
    expect(unavoidable('GPL-2.0-only WITH x', license => license === 'GPL-2.0-only')).toHaveLength(1);
  });

  test.each([
    ...HOSTILE,
    '('.repeat(2_000_000),
    '('.repeat(999),
    `${'('.repeat(499)}GPL${')'.repeat(499)}`,
    'A OR '.repeat(200),
    ' '.repeat(2_000_000),
    '-'.repeat(2_000_000),
  ])('no text throws or takes its time: %#', text => {
    expect(Array.isArray(soon(0.2, () => gpl(text)))).toBe(true);
  });
});
