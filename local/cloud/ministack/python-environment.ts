import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sha256Of } from '../../../src/core/text/sha256';
import { cacheFolder } from '../../tools/cache-folder';
import { run } from '../../tools/command';
import { installPythonPackages } from '../../tools/python-packages';
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
  await installPythonPackages({
    home,
    requirements: REQUIREMENTS,
    interpreter,
    remedy: {
      environment: 'install the venv module of Python (Debian: apt install python3-venv)',
      packages: 'see whether this machine reaches the Python package index',
    },
  });
  return python;
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
