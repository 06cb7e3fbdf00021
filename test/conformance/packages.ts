import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../local/tools/cache-folder';
import { mustRun } from '../../local/tools/command';
import { readTarball } from '../../local/tools/tarball';

/** One package of a registry. Its hash is what the registry's own client computes. */
interface Pin {
  readonly version: string;
  readonly hash: string;
}

/** `go:<module>` or `npm:<package>`. */
export const PACKAGES = JSON.parse(readFileSync(join(__dirname, 'packages.json'), 'utf8')) as Readonly<
  Record<string, Pin>
>;

const REMEDY = 'its registry must be in reach of this machine';

/** The folder of a pinned package, fetched by the client of its registry where this machine lacks it. */
export async function ensurePackage(name: string): Promise<string> {
  const pin = PACKAGES[name];
  if (pin === undefined) throw new Error(`no package "${name}" in test/conformance/packages.json`);
  const [registry, path] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)];
  switch (registry) {
    case 'go':
      return goModule(path, pin);
    case 'npm':
      return npmPackage(path, pin);
    default:
      throw new Error(`the package "${name}" is of no known registry, allowed: go:<module>, npm:<package>`);
  }
}

/** Go keeps modules itself, and unpacks none whose bytes differ from its hash. */
async function goModule(path: string, { version, hash }: Pin): Promise<string> {
  const folder = await mkdtemp(join(await downloads(), '.go-')); // else a go.mod here would have a say
  try {
    const answer = await mustRun('go', ['mod', 'download', '-json', `${path}@${version}`], REMEDY, {
      cwd: folder,
      environment: { ...process.env, GOFLAGS: '-mod=mod' },
    });
    const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
    verify(`${path}@${version}`, Sum, hash);
    return Dir;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing of it is run: it is unpacked, not installed. */
async function npmPackage(path: string, { version, hash }: Pin): Promise<string> {
  const kept = join(await downloads(), `${path.replace('/', '+')}-${version}-${keyOf(hash)}`);
  if (existsSync(kept)) return kept;
  const draft = await mkdtemp(join(dirname(kept), '.npm-'));
  try {
    const answer = await mustRun(
      'npm',
      ['pack', `${path}@${version}`, '--json', '--ignore-scripts', `--pack-destination=${draft}`],
      REMEDY,
      { cwd: draft },
    );
    const [{ filename }] = JSON.parse(answer) as [{ filename: string }];
    const bytes = await readFile(join(draft, filename));
    verify(`${path}@${version}`, `sha512-${createHash('sha512').update(bytes).digest('base64')}`, hash);
    for (const file of await readTarball(bytes)) {
      const to = join(draft, 'files', file.path.replace(/^[^/]+\//, ''));
      if (!to.startsWith(join(draft, 'files'))) {
        throw new Error(`${path}@${version} has the file ${file.path}`);
      }
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, file.content);
    }
    await rename(join(draft, 'files'), kept).catch((error: unknown) => {
      if (!existsSync(kept)) throw error; // else another process was faster, with the same files
    });
    return kept;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function downloads(): Promise<string> {
  const folder = join(cacheFolder(), 'conformance');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Another hash is another folder. */
function keyOf(hash: string): string {
  return createHash('sha256').update(hash).digest('hex').slice(0, 16);
}

function verify(what: string, found: string, pinned: string): void {
  if (found === pinned) return;
  throw new Error(
    `${what} has the hash ${found}, pinned in test/conformance/packages.json: ${pinned}; do not use it: the package was replaced`,
  );
}
