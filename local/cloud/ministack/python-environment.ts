import { sha256Of } from '../../../src/core/text/sha256';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../../tools/cache-folder';
import { mustRun, run } from '../../tools/command';
import { Say } from '../say';

const REQUIREMENTS = resolve(__dirname, '../requirements.txt');
const INTERPRETERS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/**
 * The interpreter of a virtual environment with the pinned MiniStack, made once for each content of
 * requirements.txt.
 */
export async function ensurePython(say: Say): Promise<string> {
  const key = sha256Of(readFileSync(REQUIREMENTS)).slice(0, 16);
  const home = join(cacheFolder(), `ministack-${key}`);
  const python = join(home, 'bin', 'python');
  if (existsSync(python)) return python;
  const interpreter = await findInterpreter();
  say('installing MiniStack, once: this takes about 10 seconds');
  await mkdir(cacheFolder(), { recursive: true });
  const draft = await mkdtemp(join(cacheFolder(), '.ministack-'));
  try {
    await mustRun(
      interpreter,
      ['-m', 'venv', draft],
      'install the venv module of Python (Debian: apt install python3-venv)',
    );
    await mustRun(
      join(draft, 'bin', 'python'),
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '--requirement',
        REQUIREMENTS,
      ],
      'see whether this machine reaches the Python package index',
    );
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(python)) throw error; // else another process was faster, with the same packages
    });
    return python;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function findInterpreter(): Promise<string> {
  for (const candidate of INTERPRETERS) {
    const { code } = await run(candidate, [
      '-c',
      'import sys, venv, ensurepip; assert sys.version_info >= (3, 10)',
    ]);
    if (code === 0) return candidate;
  }
  throw new Error(
    `no Python for the embedded cloud: tried ${INTERPRETERS.join(', ')}; install Python 3.10 or newer with venv (Debian: apt install python3-venv)`,
  );
}
