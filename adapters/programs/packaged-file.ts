import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** In the package the command line lies in assets/cli; run from its sources, this is adapters/programs. */
const PLACES = ['../', '../../assets/'];

/** Where a file or folder of the package is, by its path below `assets`. */
export function packagedFile(path: string): string {
  const files = PLACES.map(place => join(__dirname, place, path));
  return files.find(file => existsSync(file)) ?? files[0]!;
}
