import deprecatedIds from 'spdx-license-ids/deprecated.json';
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

  test.each<[string, string[]]>([
    ['AGPL-3.0 OR LATER', ['AGPL-3.0']],
    ['LATER OR AGPL-3.0', ['AGPL-3.0']],
    ['GPL-2.0-only OR NEWER', ['GPL-2.0-only']],
    ['GPL-2.0-only OR Commercial', ['GPL-2.0-only']],
    ['GPL-2.0-only OR (MIT AND LATER)', ['GPL-2.0-only']],
    ['GPL-2.0-only OR NOASSERTION', ['GPL-2.0-only']],
    ['LATER OR MIT OR GPL-2.0-only', []],
    ['GPL-2.0-only OR mit', []],
    ['GPL-2.0-only OR Apache-2.0+', []],
    ['GPL-2.0-only OR Nunit', []],
    ['GPL-2.0-only OR Apache-2.0 WITH LLVM-exception', []],
    ['GPL-2.0-only OR LicenseRef-Commercial', []],
    ['GPL-2.0-only OR DocumentRef-x:LicenseRef-y', []],
    ['GPL-3 OR MIT', []],
  ])('SPDX: only what SPDX knows, or a LicenseRef, is another choice: %s', (text, expected) => {
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

  test.each([
    ['GPL-3.0-only', ['GPL-3.0', 'GPL-3.0-only', 'GPL-3', 'GPLv3', 'gpl-3.0', 'GPL-3.0 WITH x']],
    ['GPL-3.0-or-later', ['GPL-3.0+', 'GPL-3.0-or-later', 'GPL-3+', 'GPLv3+']],
    ['GPL-2.0+', ['GPL-2.0-or-later', 'GPLv2+']],
    ['LGPL-2.1-only', ['LGPL-2.1', 'LGPLv2.1']],
    ['LGPL-2.0', ['LGPL-2', 'LGPL-2.0-or-later', 'LGPLv2+']],
    ['AGPL-3.0-only', ['AGPL-3.0', 'AGPL-3']],
    ['AGPL-1.0-only', ['AGPL-1.0']],
    ['GFDL-1.3-only', ['GFDL-1.3']],
    ['BSD-2-Clause-Views', ['BSD-2-Clause-FreeBSD']],
    ['BSD-2-Clause-FreeBSD', ['BSD-2-Clause-Views']],
    ['BSD-2-Clause', ['BSD-2-Clause-NetBSD']],
    ['SMLNJ', ['StandardML-NJ']],
    ['zlib-acknowledgement', ['Nunit']],
    ['bzip2-1.0.6', ['bzip2-1.0.5']],
    ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-with-classpath-exception']],
    [
      'GPL-2.0-with-classpath-exception',
      ['GPL-2.0-only WITH Classpath-exception-2.0', 'GPL-2.0-or-later WITH Classpath-exception-2.0'],
    ],
    ['GPL-2.0-only', ['GPL-2.0-with-classpath-exception', 'GPL-2.0-with-GCC-exception']],
    ['GPL-3.0-only', ['GPL-3.0-with-autoconf-exception', 'GPL-3.0-with-GCC-exception']],
    ['GPL-2.0-or-later', ['eCos-2.0']],
    ['LGPL-2.0-or-later', ['wxWindows']],
  ])('SPDX, deprecated ids: whoever forbids %s forbids %j', (forbidden, licenses) => {
    for (const license of licenses) {
      expect(unavoidable(license, name => name.toLowerCase() === forbidden.toLowerCase())).toEqual([license]);
    }
  });

  test.each([
    ['GPL-3.0-only', ['GPL-3.0-or-later', 'GPL-3.0+', 'GPLv3+', 'GPL-2.0', 'LGPL-3.0', 'AGPL-3.0', 'MIT']],
    ['GPL-3.0-or-later', ['GPL-3.0-only', 'GPL-3.0', 'GPLv3']],
    ['MIT-only', ['MIT']],
    ['LGPL-2.1', ['LGPL-2', 'LGPL-2.0', 'LGPL-3.0']],
  ])(
    'a licence of another version is another one: whoever forbids %s does not forbid %j',
    (forbidden, others) => {
      for (const license of others) expect(unavoidable(license, name => name === forbidden)).toEqual([]);
    },
  );

  test('SPDX: every deprecated id is known by the name that took its place', () => {
    const known = (license: string) => {
      let names = 0;
      unavoidable(license, name => name.toLowerCase() !== license.toLowerCase() && ++names < 0);
      return names > 0;
    };
    // Net-SNMP is several licences at once
    expect(deprecatedIds.filter(license => !known(license))).toEqual(['Net-SNMP']);
  });

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
