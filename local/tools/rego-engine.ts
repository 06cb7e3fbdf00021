import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { NOT_FOUND } from './command';
import { readGoSources } from './go-sources';
import { linkedLicenses } from './linked-licenses';
import { Machine, THIS_MACHINE } from './machine';
import { REGO_ENGINE } from '../../src/core/policy/rego-rule';

type Say = (line: string) => void;

export const REGO_ENGINE_FILES = ['rego.wasm.br', 'rego.wasm.sha256', 'LICENSES.txt'] as const;

const ROOT = join(__dirname, '..', '..');
const SOURCES = join(ROOT, 'rego');
/** Below a folder that AWS Lambda takes for a layer: what lies there, functions find by its name. */
export const REGO_ENGINE_FOLDER = join(ROOT, 'assets', 'rego', 'nodejs', 'node_modules', REGO_ENGINE.split('/')[0]!);

/** All that makes the bytes, beside sources and compiler. Without paths, versions of the checkout and build ids, the same sources give the same bytes. */
const RECIPE = {
  build: ['build', '-mod=readonly', '-buildvcs=false', '-buildmode=c-shared', '-trimpath', '-ldflags=-s -w -buildid='],
  environment: { GOOS: 'wasip1', GOARCH: 'wasm', CGO_ENABLED: '0', GOFLAGS: '' },
  // quality 11 takes minutes for a seventh less
  brotli: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 },
};

const REMEDY = 'install Go 1.26 or newer (https://go.dev/dl/) and have its bin folder on PATH';

/** The folder that holds the engine of these sources, built when it is not in the cache. */
export async function ensureRegoEngine(say: Say, machine: Machine = THIS_MACHINE, sources = SOURCES): Promise<string> {
  const compiler = await go(machine, sources, ['env', 'GOVERSION']);
  const key = createHash('sha256').update(await readGoSources(sources)).update(compiler).update(JSON.stringify(RECIPE)).digest('hex').slice(0, 16);
  const kept = join(machine.cacheFolder, 'tools', `rego-engine-${key}`);
  if (existsSync(kept)) return kept;
  say(`building the Rego engine with ${compiler.trim()}, once for these sources: this takes about a minute`);
  await mkdir(dirname(kept), { recursive: true });
  const folder = await mkdtemp(join(dirname(kept), '.rego-engine-'));
  try {
    await build(folder, machine, sources);
    await rename(folder, kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error; // else another process was faster, with the same bytes
    });
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Put the engine where the package takes it from; what is there already stays untouched. */
export async function placeRegoEngine(say: Say, target = REGO_ENGINE_FOLDER): Promise<void> {
  const kept = await ensureRegoEngine(say);
  await mkdir(target, { recursive: true });
  for (const file of REGO_ENGINE_FILES) {
    const [from, to] = [join(kept, file), join(target, file)];
    if (existsSync(to) && (await readFile(from)).equals(await readFile(to))) continue;
    const beside = `${to}.${process.pid}`;
    await copyFile(from, beside);
    await rename(beside, to); // a reader sees the old file or the new one
  }
}

async function build(folder: string, machine: Machine, sources: string): Promise<void> {
  await go(machine, sources, ['test', './jsonast']); // natively: it reads what decides
  const wasm = join(folder, 'rego.wasm');
  await go(machine, sources, [...RECIPE.build, '-o', wasm, '.'], RECIPE.environment);
  const licenses = linkedLicenses(
    await go(machine, sources, ['list', '-deps', '-f', '{{with .Module}}{{.Path}} {{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}', '.'], RECIPE.environment),
    (await go(machine, sources, ['env', 'GOROOT'])).trim(),
  );
  const bytes = await readFile(wasm);
  await writeFile(join(folder, 'rego.wasm.br'), brotliCompressSync(bytes, { params: { ...RECIPE.brotli, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  await writeFile(join(folder, 'rego.wasm.sha256'), `${createHash('sha256').update(bytes).digest('hex')}  rego.wasm\n`);
  await writeFile(join(folder, 'LICENSES.txt'), licenses);
  await rm(wasm);
}

async function go(machine: Machine, cwd: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await machine.run('go', args, { cwd, environment: { ...process.env, ...environment } });
  if (code === NOT_FOUND) throw new Error(`no go on PATH to build the Rego engine with; ${REMEDY}`);
  if (code !== 0) throw new Error(`go ${args.join(' ')} ended with ${code}: ${(stderr || stdout).trim().slice(-1000)}; ${REMEDY}, and its module proxy in reach`);
  return stdout;
}
