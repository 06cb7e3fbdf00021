import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { Finished, run } from './command';
import { installPythonPackages } from './python-packages';
import { sha256Of } from '../../src/core/text/sha256';

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

/** Programs of the Python package index that check pipelines, without network access. */
export interface PipelineCheckers {
  /** Finds what is unsafe in a workflow of GitHub. */
  zizmor(file: string): Promise<Finished>;
  /** Compares with the schema that the vendor of a CI system publishes. */
  validate(schema: 'github-workflows' | 'gitlab-ci', file: string): Promise<Finished>;
}

/** In their own virtual environment, created once for each content of the requirements. */
export async function ensurePipelineCheckers(say: (line: string) => void): Promise<PipelineCheckers> {
  const key = sha256Of(readFileSync(REQUIREMENTS)).slice(0, 16);
  const home = join(cacheFolder(), 'tools', `zizmor-${key}`);
  if (!existsSync(home)) {
    say('installing zizmor and check-jsonschema, once: this takes about 10 seconds');
    await installPythonPackages({
      home,
      requirements: REQUIREMENTS,
      interpreter: 'python3',
      remedy: { environment: REMEDY, packages: REMEDY },
    });
  }
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
