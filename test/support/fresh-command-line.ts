import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const BUNDLE = join(ROOT, 'assets', 'cli', 'trusted-images.js');
/** What the arrows of the house let into it. */
const SOURCES = ['cli', 'dockerfile', 'use-cases', 'adapters', 'src/core', 'src/runtime'];

/**
 * Bundles the command line again if a source is newer: whoever runs one test by hand, tests what is there.
 */
export default function freshCommandLine(): void {
  const bundled = statSync(BUNDLE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (SOURCES.some(source => newest(join(ROOT, source)) > bundled)) {
    execFileSync('npx', ['projen', 'bundle:cli'], { cwd: ROOT, stdio: 'pipe' });
  }
}

function newest(path: string): number {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
    : [''];
  return Math.max(...files.map(file => statSync(join(path, file)).mtimeMs));
}
