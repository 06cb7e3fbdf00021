import { cp, chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Go, GoProduct } from './go-product';
import { buildWasmProgram, WASM_CALL, WASM_RECIPE, wasmFiles } from './wasm-program';

const ROOT = join(__dirname, '..', '..');
const SOURCES = join(ROOT, 'buildkit');
export const DOCKERFILE_READER_FOLDER = join(ROOT, 'assets', 'buildkit');

/**
 * Two modules that BuildKit is linked with do not compile for WebAssembly. What is changed in them is never
 * called when a Dockerfile is read: the number of a signal that is unknown, and whether a folder can be
 * written to.
 */
const CHANGES = [
  { module: 'github.com/moby/sys/signal', file: 'signal.go', edits: [['return -1, ', 'return 0, ']] },
  {
    module: 'github.com/in-toto/in-toto-golang',
    file: 'in_toto/util_unix.go',
    edits: [
      ['unix.Access(path, unix.W_OK)', 'os.ErrPermission'],
      ['"golang.org/x/sys/unix"', '"os"'],
    ],
  },
] as const;

export const DOCKERFILE_READER_PRODUCT: GoProduct = {
  title: "BuildKit's reader of Dockerfiles",
  name: 'dockerfile-reader',
  sources: SOURCES,
  modules: [WASM_CALL],
  files: wasmFiles('dockerfile'),
  recipe: { ...WASM_RECIPE, CHANGES },
  duration: 'about a minute',
  async build(folder, go) {
    await go(['test', './...']);
    const changed = join(folder, 'changed');
    await buildWasmProgram(folder, 'dockerfile', go, [`-modfile=${await changeModules(changed, go)}`]);
    await rm(changed, { recursive: true });
  },
};

/** The `go.mod` of a build that takes the changed modules. */
async function changeModules(folder: string, go: Go): Promise<string> {
  await mkdir(folder);
  for (const file of ['go.mod', 'go.sum']) await copyFile(join(SOURCES, file), join(folder, file));
  const modules = join(folder, 'go.mod');
  for (const [index, { module, file, edits }] of CHANGES.entries()) {
    const downloaded = JSON.parse(await go(['mod', 'download', '-json', module])) as { readonly Dir: string };
    const copy = join(folder, String(index));
    await cp(downloaded.Dir, copy, { recursive: true });
    await makeWritable(copy);
    let source = await readFile(join(copy, file), 'utf8');
    for (const [from, to] of edits) {
      if (!source.includes(from)) throw new Error(`${module} has no ${from} in ${file} any more`);
      source = source.replaceAll(from, to);
    }
    await writeFile(join(copy, file), source);
    await go(['mod', 'edit', `-replace=${module}=${copy}`, modules]);
  }
  return modules;
}

/** Go's cache of modules is read-only. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
