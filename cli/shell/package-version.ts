import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/core/text/json';

/** In the package, the command line is in assets/cli; run from its sources, in cli/shell. */
const PACKAGE = join(__dirname, '../../package.json');

export function packageVersion(): string {
  const { name, version } = (parseJson(readText(PACKAGE)) ?? {}) as { name?: string; version?: string };
  return name === 'cdk-trusted-images' && version !== undefined ? version : 'unknown';
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it is not there
  }
}
