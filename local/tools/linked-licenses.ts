import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const LICENSE = /^(?:licen[cs]e|copying|notice|patents|authors)(?:[.-].*)?(?<!\.go)$/i;

/**
 * The licence texts of what was linked into a file. `packages`: a line for each package of a module, of the
 * module's name and version, its folder and the package's folder; a package within a module may have a
 * licence of its own.
 */
export function linkedLicenses(file: string, packages: string, goRoot: string): string {
  const folders = new Map<string, { readonly of: string; readonly module: string }>([
    [goRoot, { of: 'Go standard library', module: goRoot }],
  ]);
  for (const line of packages.split('\n')) {
    const [of, module, folder] = line.split('\t');
    if (of === undefined || module === undefined || folder === undefined) continue;
    for (let at = folder; at.startsWith(module); at = dirname(at)) folders.set(at, { of, module });
  }
  const texts: string[] = [];
  for (const [folder, { of, module }] of [...folders].sort(([, a], [, b]) =>
    a.of < b.of ? -1 : a.of > b.of ? 1 : 0,
  )) {
    for (const text of filesIn(folder)
      .filter(name => LICENSE.test(name))
      .sort()) {
      texts.push(
        `${'='.repeat(80)}\n${of}: ${join(relative(module, folder), text)}\n${'='.repeat(80)}\n\n${readFileSync(join(folder, text), 'utf8').trim()}\n`,
      );
    }
  }
  return `${file} contains the software below, each under its own terms.\n\n${texts.join('\n')}`;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name);
}
