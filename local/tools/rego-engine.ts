import { join } from 'node:path';
import type { GoProduct } from './go-product';
import { buildWasmProgram, WASM_CALL, WASM_RECIPE, wasmFiles } from './wasm-program';
import { REGO_ENGINE } from '../../src/core/rego/rego-program';

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

export const REGO_ENGINE_PRODUCT: GoProduct = {
  title: 'the Rego engine',
  name: 'rego-engine',
  sources: join(ROOT, 'rego'),
  modules: [WASM_CALL],
  files: wasmFiles('rego'),
  recipe: WASM_RECIPE,
  duration: 'about a minute',
  build: (folder, go) => buildWasmProgram(folder, 'rego', go),
};
