import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BROTLI, compressed } from './brotli';
import { licensesOf, type GoProduct } from './go-product';

const ROOT = join(__dirname, '..', '..');
export const NORMAL_FORM_FOLDER = join(ROOT, 'assets', 'normal-form');

/** Without paths, versions of the checkout and build ids, the same sources give the same bytes. */
const RECIPE = {
  build: ['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w -buildid='],
  environment: { CGO_ENABLED: '0', GOFLAGS: '' },
  /**
   * Builds pull from the registry. On the command line the command line does that, for all platforms alike.
   */
  builds: ['-tags=registry'],
  brotli: BROTLI,
};

/** Of the machines that builds run on, as Go calls them. */
const BUILD_MACHINES = ['amd64', 'arm64'] as const;

/** The program of a build on a machine like this one. */
export const BUILD_PROGRAM = join(
  NORMAL_FORM_FOLDER,
  'build',
  process.arch === 'arm64' ? 'arm64' : 'amd64',
  'normal-form',
);

export const NORMAL_FORM_PRODUCT: GoProduct = {
  title: 'the reader of images',
  name: 'normal-form',
  sources: join(ROOT, 'normal-form'),
  files: [
    ...BUILD_MACHINES.map(machine => `build/${machine}/normal-form`),
    'build/LICENSES.txt',
    'normal-form.wasm.br',
  ],
  recipe: RECIPE,
  duration: 'about a minute',
  async build(folder, go) {
    const compile = (out: string, GOOS: string, GOARCH: string, flags: readonly string[] = []) =>
      go([...RECIPE.build, ...flags, '-o', join(folder, out), '.'], { ...RECIPE.environment, GOOS, GOARCH });
    for (const machine of BUILD_MACHINES) {
      await compile(`build/${machine}/normal-form`, 'linux', machine, RECIPE.builds);
    }
    await writeFile(
      join(folder, 'build', 'LICENSES.txt'),
      await licensesOf(
        'normal-form',
        go,
        { ...RECIPE.environment, GOOS: 'linux', GOARCH: 'amd64' },
        RECIPE.builds,
      ),
    );
    await compile('normal-form.wasm', 'wasip1', 'wasm');
    await writeFile(
      join(folder, 'normal-form.wasm.br'),
      await compressed(await readFile(join(folder, 'normal-form.wasm'))),
    );
    await rm(join(folder, 'normal-form.wasm'));
  },
};
