import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DOCKERFILE_PACKAGE, DOCKERFILE_PROGRAM } from '../../adapters/programs/dockerfile-reader';
import { READER_PACKAGE, readerFile } from '../../src/core/scanning/normal-form';
import { mustRun } from '../tools/command';
import { DOCKERFILE_READER_FOLDER } from '../tools/dockerfile-reader';
import { licensesOf, type Go } from '../tools/go-product';
import { NORMAL_FORM_PRODUCT } from '../tools/normal-form';

/**
 * Platforms of the command line that no deployed build runs on, by their names in Node and in Go. On others
 * it uses WebAssembly.
 */
const DESKS = {
  'darwin-arm64': { GOOS: 'darwin', GOARCH: 'arm64' },
  'darwin-x64': { GOOS: 'darwin', GOARCH: 'amd64' },
  'linux-arm64': { GOOS: 'linux', GOARCH: 'arm64' },
  'win32-arm64': { GOOS: 'windows', GOARCH: 'arm64' },
  'win32-x64': { GOOS: 'windows', GOARCH: 'amd64' },
} as const;
type Platform = keyof typeof DESKS;

const READER_PLATFORMS = Object.keys(DESKS) as readonly Platform[];

const ROOT = join(__dirname, '..', '..');
const LICENSES = 'LICENSES.txt';
const { sources } = NORMAL_FORM_PRODUCT;
const go: Go = (args, environment = {}) =>
  mustRun('go', args, 'install Go 1.26 or newer', {
    cwd: sources,
    environment: { ...process.env, ...environment },
  });
const npm = (args: readonly string[], cwd: string) => mustRun('npm', args, "see npm's log", { cwd });

/** What npm installs beside the main package: where it fits, or where it is not left out. */
export const PACKAGES_BESIDE = [
  ...READER_PLATFORMS.map(platform => READER_PACKAGE + platform),
  DOCKERFILE_PACKAGE,
];

/**
 * Packs the packages beside the main package: one for each platform, with its image reader, and the reader of
 * Dockerfiles. They are optional dependencies of what is published, so that npm installs those that fit and
 * accepts that the others are missing.
 */
export async function packBeside(folder: string): Promise<void> {
  for (const platform of READER_PLATFORMS) await packReader(platform, folder);
  await packDockerfileReader(folder);
}

async function packReader(platform: Platform, to: string): Promise<void> {
  const environment = { ...DESKS[platform], CGO_ENABLED: '0', GOFLAGS: '' };
  const [os, cpu] = platform.split('-');
  const file = readerFile(platform);
  const of = {
    name: READER_PACKAGE + platform,
    description: `The reader of images of cdk-trusted-images, for ${platform}`,
    os: [os],
    cpu: [cpu],
    files: [file, LICENSES],
  };
  await pack(of, to, async own => {
    const flags = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w -buildid='];
    await go(['build', ...flags, '-o', join(own, file), '.'], environment);
    await writeFile(join(own, LICENSES), await licensesOf(file, go, environment));
  });
}

/** From what is built in `assets`. Its archive is what it returns. */
export function packDockerfileReader(to: string): Promise<string> {
  const files = [DOCKERFILE_PROGRAM, LICENSES];
  const description = 'The reader of Dockerfiles of cdk-trusted-images';
  return pack({ name: DOCKERFILE_PACKAGE, description, files }, to, async own => {
    for (const file of files) await copyFile(join(DOCKERFILE_READER_FOLDER, file), join(own, file));
  });
}

/** A package of files that are put into its folder, in the version of the main package. */
async function pack(of: object, to: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const text = await readFile(join(ROOT, 'package.json'), 'utf8');
  const { version, license, repository, author } = JSON.parse(text) as Record<string, unknown>;
  const own = await mkdtemp(join(tmpdir(), 'package-'));
  try {
    await fill(own);
    const manifest = { ...of, version, license, repository, author };
    await writeFile(join(own, 'package.json'), JSON.stringify(manifest, undefined, 2));
    await mkdir(to, { recursive: true });
    const said = await npm(['pack', '--json', '--ignore-scripts', `--pack-destination=${to}`], own);
    const [packed] = JSON.parse(said) as [{ filename: string }];
    return join(to, packed.filename);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

if (require.main === module) {
  packBeside(resolve(process.argv[2] ?? 'dist/js')).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
