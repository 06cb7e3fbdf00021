import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { licensesOf, type GoProduct } from './go-product';
import { REGO_ENGINE } from '../../src/core/rego/rego-program';
import { sha256Of } from '../../src/core/text/sha256';

const ROOT = join(__dirname, '..', '..');
/** Below a folder that AWS Lambda takes for a layer: what lies there, functions find by its name. */
export const REGO_ENGINE_FOLDER = join(
  ROOT,
  'assets',
  'rego',
  'nodejs',
  'node_modules',
  REGO_ENGINE.split('/')[0]!,
);

/** Without paths, versions of the checkout and build ids, the same sources give the same bytes. */
const RECIPE = {
  build: [
    'build',
    '-mod=readonly',
    '-buildvcs=false',
    '-buildmode=c-shared',
    '-trimpath',
    '-ldflags=-s -w -buildid=',
  ],
  environment: { GOOS: 'wasip1', GOARCH: 'wasm', CGO_ENABLED: '0', GOFLAGS: '' },
  // quality 11 takes minutes for a seventh less
  brotli: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 },
};

export const REGO_ENGINE_PRODUCT: GoProduct = {
  title: 'the Rego engine',
  name: 'rego-engine',
  sources: join(ROOT, 'rego'),
  files: ['rego.wasm.br', 'rego.wasm.sha256', 'LICENSES.txt'],
  recipe: RECIPE,
  duration: 'about a minute',
  async build(folder, go) {
    await go(['test', './jsonast']); // natively: it reads what decides
    const wasm = join(folder, 'rego.wasm');
    await go([...RECIPE.build, '-o', wasm, '.'], RECIPE.environment);
    const bytes = await readFile(wasm);
    await writeFile(
      join(folder, 'rego.wasm.br'),
      brotliCompressSync(bytes, {
        params: { ...RECIPE.brotli, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
    );
    await writeFile(join(folder, 'rego.wasm.sha256'), `${sha256Of(bytes)}  rego.wasm\n`);
    await writeFile(join(folder, 'LICENSES.txt'), await licensesOf('rego.wasm', go, RECIPE.environment));
    await rm(wasm);
  },
};
