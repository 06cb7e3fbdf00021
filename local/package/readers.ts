import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { READER_PACKAGE, readerFile } from '../../src/core/scanning/normal-form';
import { mustRun } from '../tools/command';
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

export const READER_PLATFORMS = Object.keys(DESKS) as readonly Platform[];

const ROOT = join(__dirname, '..', '..');
const { sources } = NORMAL_FORM_PRODUCT;
const go: Go = (args, environment = {}) =>
  mustRun('go', args, 'install Go 1.26 or newer', {
    cwd: sources,
    environment: { ...process.env, ...environment },
  });
const npm = (args: readonly string[], cwd: string) => mustRun('npm', args, "see npm's log", { cwd });

/**
 * Packs the packages beside the main package: one for each platform, with its image reader. They are optional
 * dependencies of what is published, so that npm installs the one that fits and accepts that the others are
 * missing.
 */
async function packReaders(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const work = await mkdtemp(join(tmpdir(), 'readers-'));
  try {
    await mkdir(folder, { recursive: true });
    for (const platform of READER_PLATFORMS) await packReader(platform, manifest, work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function packReader(
  platform: Platform,
  { version, license, repository, author }: Record<string, unknown>,
  work: string,
  folder: string,
): Promise<void> {
  const own = join(work, platform);
  await mkdir(own);
  const environment = { ...DESKS[platform], CGO_ENABLED: '0', GOFLAGS: '' };
  await go(
    [
      'build',
      '-mod=readonly',
      '-buildvcs=false',
      '-trimpath',
      '-ldflags=-s -w -buildid=',
      '-o',
      join(own, readerFile(platform)),
      '.',
    ],
    environment,
  );
  await writeFile(join(own, 'LICENSES.txt'), await licensesOf(readerFile(platform), go, environment));
  const [os, cpu] = platform.split('-');
  await writeFile(
    join(own, 'package.json'),
    JSON.stringify(
      {
        name: READER_PACKAGE + platform,
        version,
        description: `The reader of images of cdk-trusted-images, for ${platform}`,
        license,
        repository,
        author,
        os: [os],
        cpu: [cpu],
        files: [readerFile(platform), 'LICENSES.txt'],
      },
      undefined,
      2,
    ),
  );
  await npm(['pack', '--ignore-scripts', `--pack-destination=${folder}`], own);
}

if (require.main === module) {
  packReaders(resolve(process.argv[2] ?? 'dist/js')).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
