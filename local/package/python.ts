import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packLanguage } from './pack-language';
import { sha256Of } from '../../src/core/text/sha256';
import { cacheFolder } from '../tools/cache-folder';
import { installPythonPackages } from '../tools/python-packages';

const REQUIREMENTS = join(__dirname, 'python-requirements.txt');
const REMEDY =
  'see whether this machine has Python 3.10 or newer with venv, and reaches the Python package index';

/** Builds the wheel as it is published, and returns the variables of a Python that has it and the CDK. */
export async function pythonWithPackage(folder: string): Promise<Record<string, string>> {
  const wheels = await packLanguage('python', folder);
  const wheel = readdirSync(wheels).find(file => file.endsWith('.whl'))!;
  return pythonWith(join(wheels, wheel), join(folder, 'site'));
}

/** The variables of a Python that has a wheel, which is installed into a folder, and the CDK. */
export async function pythonWith(wheel: string, site: string): Promise<Record<string, string>> {
  const key = sha256Of(readFileSync(REQUIREMENTS)).slice(0, 16);
  const home = join(cacheFolder(), 'tools', `python-cdk-${key}`);
  if (!existsSync(home)) {
    await installPythonPackages({
      home,
      requirements: REQUIREMENTS,
      interpreter: 'python3',
      remedy: { environment: REMEDY, packages: REMEDY },
    });
  }
  // beside the environment, which is kept and has only what is pinned
  execFileSync(
    join(home, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', site, wheel],
    { stdio: 'pipe' },
  );
  return { PATH: `${join(home, 'bin')}:${process.env.PATH}`, PYTHONPATH: site };
}
