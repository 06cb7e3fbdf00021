import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** In the package the command line lies in assets/cli; run from its sources, this is adapters/programs. */
const PLACES = ['../', '../../assets/'];

/** Where a file or folder of the package is, by its path below `assets`. */
export function packagedFile(path: string): string {
  const files = PLACES.map(place => join(__dirname, place, path));
  return files.find(file => existsSync(file)) ?? files[0]!;
}

/** A file of another package that npm installed, seen from a file, as Node looks for packages. */
export function installedFile(name: string, path: string, from = __filename): string | undefined {
  for (
    let folder = dirname(from), above = '';
    folder !== above;
    [above, folder] = [folder, dirname(folder)]
  ) {
    const file = join(folder, 'node_modules', name, path);
    if (existsSync(file)) return file;
  }
  return undefined;
}
