import deprecatedIds from 'spdx-license-ids/deprecated.json';
import currentIds from 'spdx-license-ids/index.json';

const IDS: ReadonlySet<string> = new Set([...currentIds, ...deprecatedIds].map(id => id.toLowerCase()));
const OWN_REFERENCE = /^(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+$/i;

/** Whether SPDX knows it, in upper or lower case, or it refers to a licence that a document describes. */
export function isSpdxId(license: string): boolean {
  return IDS.has(license.toLowerCase().replace(/\+$/, '')) || OWN_REFERENCE.test(license);
}

/**
 * What took the place of deprecated ids, by the notes of the list (https://spdx.org/licenses/). Those of the
 * GNU family without an exception follow from their form. `Net-SNMP` is several licences at once, and nothing
 * took its place.
 */
const SUCCESSORS: readonly (readonly [string, string])[] = [
  ['BSD-2-Clause-FreeBSD', 'BSD-2-Clause-Views'],
  ['BSD-2-Clause-NetBSD', 'BSD-2-Clause'],
  ['bzip2-1.0.5', 'bzip2-1.0.6'],
  ['eCos-2.0', 'GPL-2.0+ WITH eCos-exception-2.0'],
  ['GPL-2.0-with-autoconf-exception', 'GPL-2.0 WITH Autoconf-exception-2.0'],
  ['GPL-2.0-with-bison-exception', 'GPL-2.0 WITH Bison-exception-2.2'],
  ['GPL-2.0-with-classpath-exception', 'GPL-2.0 WITH Classpath-exception-2.0'],
  ['GPL-2.0-with-font-exception', 'GPL-2.0 WITH Font-exception-2.0'],
  ['GPL-2.0-with-GCC-exception', 'GPL-2.0 WITH GCC-exception-2.0'],
  ['GPL-3.0-with-autoconf-exception', 'GPL-3.0 WITH Autoconf-exception-3.0'],
  ['GPL-3.0-with-GCC-exception', 'GPL-3.0 WITH GCC-exception-3.1'],
  ['Nunit', 'zlib-acknowledgement'],
  ['StandardML-NJ', 'SMLNJ'],
  ['wxWindows', 'LGPL-2.0+ WITH WxWindows-exception-3.1'],
];
const BY_DEPRECATED = new Map(SUCCESSORS.map(([old, successor]) => [old.toLowerCase(), successor]));
const BY_SUCCESSOR = new Map(SUCCESSORS.map(([old, successor]) => [successor.toLowerCase(), old]));

/** `GPL-3.0-only`, and as Debian and Fedora write it: `GPL-3`, `GPLv3+`. */
const GNU = /^([AL]?GPL|GFDL)-?v?(\d)(?:\.(\d))?((?:-no)?-invariants)?(-only|-or-later|\+)?$/i;

/** A licence of the GNU family as SPDX spells it, others as they are. */
export function spdxSpelling(license: string): string {
  const [, family, major, minor = '0', invariants = '', versions = ''] = GNU.exec(license) ?? [];
  return family === undefined ? license : `${family}-${major}.${minor}${invariants}${versions}`;
}

/**
 * Every name under which a licence may be forbidden: its own, the ids that SPDX deprecated or put in their
 * place, and the licence without what only names versions of it. An exception adds a permission, which a
 * person must assess, so the licence without it is among them too.
 */
export function namesOf(license: string): string[] {
  const names = new Set([license]);
  for (const each of [license, BY_DEPRECATED.get(license.toLowerCase())]) {
    if (each === undefined) continue;
    const [own = '', exception] = each.split(' WITH ');
    for (const name of versionsOf(own)) {
      names.add(name);
      if (exception !== undefined) names.add(`${name} WITH ${exception}`);
    }
  }
  return [...names].flatMap(name => [name, BY_SUCCESSOR.get(name.toLowerCase()) ?? name]);
}

function versionsOf(license: string): string[] {
  const spelt = spdxSpelling(license);
  const base = spelt.replace(/(?:-only|-or-later|\+)$/i, '');
  const names = [license, spelt, base];
  if (!GNU.test(license)) return names;
  // GPL-3.0 is deprecated for GPL-3.0-only, GPL-3.0+ for GPL-3.0-or-later
  return /(?:-or-later|\+)$/i.test(license)
    ? [...names, `${base}+`, `${base}-or-later`]
    : [...names, `${base}-only`];
}
