import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../src/core/json';

/** In the package the command line lies in assets/cli; when it is run from its sources, in cli. */
const PLACES = ['../../package.json', '../package.json'];

export function packageVersion(): string {
  for (const place of PLACES) {
    const { name, version } = (parseJson(readText(join(__dirname, place))) ?? {}) as {
      name?: string;
      version?: string;
    };
    if (name === 'cdk-trusted-images' && version !== undefined) return version;
  }
  return 'unknown';
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // not this place
  }
}
