import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NOT_FOUND } from './command';
import { readGoSources } from './go-sources';
import { linkedLicenses } from './linked-licenses';
import { Machine, THIS_MACHINE } from './machine';

export type Say = (line: string) => void;

/** Runs Go in the folder of the sources; what it prints. */
export type Go = (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<string>;

/** A program that is built from Go sources of this repository, and is part of the package. */
export interface GoProduct {
  /** Its name in messages. */
  readonly title: string;
  /** In the name of its folder in the cache. */
  readonly name: string;
  /** The folder of its Go module. */
  readonly sources: string;
  /** Folders of other modules of this repository that it is built with. */
  readonly modules?: readonly string[];
  readonly files: readonly string[];
  /** Everything else that determines the bytes, in addition to sources and compiler. */
  readonly recipe: object;
  readonly duration: string;
  build(folder: string, go: Go): Promise<void>;
}

const REMEDY = 'install Go 1.26 or newer (https://go.dev/dl/) and have its bin folder on PATH';

/** The folder that holds the product of these sources, built when it is not in the cache. */
export async function ensureGoProduct(
  product: GoProduct,
  say: Say,
  machine: Machine = THIS_MACHINE,
): Promise<string> {
  const go = goIn(product, machine);
  const compiler = await go(['env', 'GOVERSION']);
  const folders = [product.sources, ...(product.modules ?? [])];
  const key = createHash('sha256')
    .update(Buffer.concat(await Promise.all(folders.map(readGoSources))))
    .update(compiler)
    .update(JSON.stringify(product.recipe))
    .digest('hex')
    .slice(0, 16);
  const kept = join(machine.cacheFolder, 'tools', `${product.name}-${key}`);
  if (existsSync(kept)) return kept;
  say(
    `building ${product.title} with ${compiler.trim()}, once for these sources: this takes ${product.duration}`,
  );
  await mkdir(dirname(kept), { recursive: true });
  const folder = await mkdtemp(join(dirname(kept), `.${product.name}-`));
  try {
    await product.build(folder, go);
    await rename(folder, kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error; // else another process was faster, with the same bytes
    });
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies it into the package. An identical file stays untouched. */
export async function placeGoProduct(product: GoProduct, target: string, say: Say): Promise<void> {
  const kept = await ensureGoProduct(product, say);
  for (const file of product.files) {
    const [from, to] = [join(kept, file), join(target, file)];
    await mkdir(dirname(to), { recursive: true });
    if (existsSync(to) && (await readFile(from)).equals(await readFile(to))) continue;
    const beside = `${to}.${process.pid}`;
    await copyFile(from, beside);
    await rename(beside, to); // a reader sees the old file or the new one
  }
}

/** The licence texts of what was linked into it. */
export async function licensesOf(
  file: string,
  go: Go,
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<string> {
  const packages = await go(
    [
      'list',
      ...flags,
      '-deps',
      '-f',
      '{{with .Module}}{{.Path}} {{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}',
      '.',
    ],
    environment,
  );
  return linkedLicenses(file, packages, (await go(['env', 'GOROOT'])).trim());
}

function goIn({ title, sources }: GoProduct, machine: Machine): Go {
  return async (args, environment = {}) => {
    const { code, stdout, stderr } = await machine.run('go', args, {
      cwd: sources,
      environment: { ...process.env, ...environment },
    });
    if (code === NOT_FOUND) throw new Error(`no go on PATH to build ${title} with; ${REMEDY}`);
    if (code !== 0) {
      throw new Error(
        `go ${args.join(' ')} ended with ${code}: ${(stderr || stdout).trim().slice(-1000)}; ${REMEDY}, and its module proxy in reach`,
      );
    }
    return stdout;
  };
}
