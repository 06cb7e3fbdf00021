import { cp, chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Go, GoProduct } from './go-product';
import { buildWasmProgram, WASM_CALL, WASM_RECIPE, wasmFiles } from './wasm-program';

const ROOT = join(__dirname, '..', '..');
const SOURCES = join(ROOT, 'buildkit');
export const DOCKERFILE_READER_FOLDER = join(ROOT, 'assets', 'buildkit');

/**
 * Two modules that BuildKit is linked with do not compile for WebAssembly, and one of them knows no signals
 * there. What is changed: the names of signals are those of Linux, whose numbers nobody asks for, and whether
 * a folder can be written to is never asked.
 */
const CHANGES: readonly Change[] = [
  { module: 'github.com/moby/sys/signal', file: 'signal.go', edits: [['return -1, ', 'return 0, ']] },
  {
    module: 'github.com/moby/sys/signal',
    file: 'signal_unsupported.go',
    edits: [['map[string]syscall.Signal{}', `map[string]syscall.Signal{${signals()}}`]],
  },
  {
    module: 'github.com/in-toto/in-toto-golang',
    file: 'in_toto/util_unix.go',
    edits: [
      ['unix.Access(path, unix.W_OK)', 'os.ErrPermission'],
      ['"golang.org/x/sys/unix"', '"os"'],
    ],
  },
];

interface Change {
  readonly module: string;
  readonly file: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
}

/** @see https://man7.org/linux/man-pages/man7/signal.7.html */
function signals(): string {
  const names =
    'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX';
  const realTime = Array.from({ length: 15 }, (_, at) => `RTMIN+${at + 1}`);
  const fromTheEnd = Array.from({ length: 14 }, (_, at) => `RTMAX-${at + 1}`);
  return [...names.split(' '), ...realTime, ...fromTheEnd].map(name => `"${name}": 1`).join(', ');
}

export const DOCKERFILE_READER_PRODUCT: GoProduct = {
  title: "BuildKit's reader of Dockerfiles",
  name: 'dockerfile-reader',
  sources: SOURCES,
  modules: [WASM_CALL],
  files: wasmFiles('dockerfile'),
  recipe: { ...WASM_RECIPE, CHANGES },
  duration: 'about a minute',
  async build(folder, go) {
    const work = join(folder, 'work');
    await buildWasmProgram(folder, 'dockerfile', go, ['-C', await withChanges(work, go)]);
    const licenses = join(folder, 'LICENSES.txt');
    await writeFile(licenses, `${CHANGED}\n${await readFile(licenses, 'utf8')}`);
    await rm(work, { recursive: true });
  },
};

const CHANGED = `For WebAssembly these files were changed:\n${CHANGES.map(
  ({ module, file }) => `- ${module}: ${file}\n`,
).join('')}`;

/** A copy of the sources that is built with the changed modules: paths of this machine must not be in it. */
async function withChanges(folder: string, go: Go): Promise<string> {
  const sources = join(folder, basename(SOURCES));
  await cp(SOURCES, sources, { recursive: true });
  await cp(WASM_CALL, join(folder, basename(WASM_CALL)), { recursive: true });
  for (const module of new Set(CHANGES.map(change => change.module))) {
    const downloaded = JSON.parse(await go(['mod', 'download', '-json', module])) as { readonly Dir: string };
    const name = basename(module);
    await cp(downloaded.Dir, join(folder, name), { recursive: true });
    await makeWritable(join(folder, name));
    await go(['mod', 'edit', `-replace=${module}=../${name}`, join(sources, 'go.mod')]);
  }
  for (const { module, file, edits } of CHANGES) {
    const changed = join(folder, basename(module), file);
    let source = await readFile(changed, 'utf8');
    for (const [from, to] of edits) {
      if (!source.includes(from)) throw new Error(`${module} has no ${from} in ${file} any more`);
      source = source.replaceAll(from, to);
    }
    await writeFile(changed, source);
  }
  return sources;
}

/** Go's cache of modules is read-only. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}
