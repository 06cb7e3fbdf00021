import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BROTLI, compressed } from './brotli';
import { licensesOf, type Go } from './go-product';
import { sha256Of } from '../../src/core/text/sha256';

const ROOT = join(__dirname, '..', '..');
/** How a program is called, which it is built with. */
export const WASM_CALL = join(ROOT, 'wasm-call');

/** Without paths, versions of the checkout and build ids, the same sources give the same bytes. */
export const WASM_RECIPE = {
  build: ['build', '-buildvcs=false', '-buildmode=c-shared', '-trimpath', '-ldflags=-s -w -buildid='],
  environment: { GOOS: 'wasip1', GOARCH: 'wasm', CGO_ENABLED: '0', GOFLAGS: '' },
  brotli: BROTLI,
};

export const wasmFiles = (name: string) => [`${name}.wasm.br`, `${name}.wasm.sha256`, 'LICENSES.txt'];

/** Builds the program that src/core/wasm runs. `flags` say how Go finds modules. */
export async function buildWasmProgram(
  folder: string,
  name: string,
  go: Go,
  flags: readonly string[] = ['-mod=readonly'],
): Promise<void> {
  const wasm = join(folder, `${name}.wasm`);
  const [command, ...options] = WASM_RECIPE.build;
  await go([command!, ...flags, ...options, '-o', wasm, '.'], WASM_RECIPE.environment);
  const bytes = await readFile(wasm);
  await writeFile(`${wasm}.br`, await compressed(bytes));
  await writeFile(`${wasm}.sha256`, `${sha256Of(bytes)}  ${name}.wasm\n`);
  await writeFile(
    join(folder, 'LICENSES.txt'),
    await licensesOf(`${name}.wasm`, go, WASM_RECIPE.environment, flags),
  );
  await rm(wasm);
}
