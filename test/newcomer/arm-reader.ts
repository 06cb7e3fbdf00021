import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../docs/markdown';

const PROGRAM = join('assets', 'normal-form', 'build', 'arm64', 'normal-form');

/**
 * Builds of the embedded cloud run on this machine. What is published has no program for them on arm64: there
 * it is added to the installed package.
 */
export function addArmReader(installed: string): void {
  if (process.arch !== 'arm64') return;
  const target = join(installed, PROGRAM);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(ROOT, PROGRAM), target);
}
