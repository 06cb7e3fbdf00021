import { sha256Of } from '../../src/core/text/sha256';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { Finished, mustRun, run } from './command';

const REQUIREMENTS = join(__dirname, 'zizmor-requirements.txt');
const ZIZMOR_FLAGS = [
  '--offline',
  '--no-config',
  '--no-progress',
  '--color=never',
  '--persona=pedantic',
  '--strict-collection',
];
const REMEDY =
  'see whether this machine has Python 3.10 or newer with venv, and reaches the Python package index';

/** Programs of the Python package index that judge pipelines, and ask nobody. */
export interface PipelineCheckers {
  /** Finds what is unsafe in a workflow of GitHub. */
  zizmor(file: string): Promise<Finished>;
  /** Compares with the schema that the vendor of a CI system publishes. */
  validate(schema: 'github-workflows' | 'gitlab-ci', file: string): Promise<Finished>;
}

/** In an environment of their own, made once for each content of the requirements. */
export async function ensurePipelineCheckers(say: (line: string) => void): Promise<PipelineCheckers> {
  const key = sha256Of(readFileSync(REQUIREMENTS)).slice(0, 16);
  const home = join(cacheFolder(), 'tools', `zizmor-${key}`);
  if (!existsSync(home)) await install(home, say);
  const environment = { PATH: process.env.PATH, HOME: home }; // no token: that would let zizmor ask GitHub
  return {
    zizmor: file => run(join(home, 'bin', 'zizmor'), [...ZIZMOR_FLAGS, file], { environment }),
    // by its module: a script names its interpreter by a path, and the environment was moved
    validate: (schema, file) =>
      run(
        join(home, 'bin', 'python'),
        ['-m', 'check_jsonschema', '--builtin-schema', `vendor.${schema}`, file],
        { environment },
      ),
  };
}

/** Fill a folder, then give it its name in one step: another process sees all of it or nothing. */
async function install(home: string, say: (line: string) => void): Promise<void> {
  say('installing zizmor and check-jsonschema, once: this takes about 10 seconds');
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(join(dirname(home), '.zizmor-'));
  try {
    await mustRun('python3', ['-m', 'venv', draft], REMEDY);
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
      REMEDY,
    );
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error; // else another process was faster, with the same packages
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
