import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { mustRun } from './command';
import { licensesOf, type Go } from './go-product';
import { NORMAL_FORM_PRODUCT } from './normal-form';
import { READER_PACKAGE, readerFile } from '../../src/core/scanning/normal-form';

/**
 * Platforms of the command line that no build runs on, by their names in Node and in Go. On others it uses
 * WebAssembly.
 */
const DESKS = {
  'darwin-arm64': { GOOS: 'darwin', GOARCH: 'arm64' },
  'darwin-x64': { GOOS: 'darwin', GOARCH: 'amd64' },
  'win32-arm64': { GOOS: 'windows', GOARCH: 'arm64' },
  'win32-x64': { GOOS: 'windows', GOARCH: 'amd64' },
} as const;

const { sources } = NORMAL_FORM_PRODUCT;
const go: Go = (args, environment = {}) =>
  mustRun('go', args, 'install Go 1.26 or newer', {
    cwd: sources,
    environment: { ...process.env, ...environment },
  });
const npm = (args: readonly string[], cwd: string) => mustRun('npm', args, "see npm's log", { cwd });

/**
 * The packages beside the main package in `dist/js`: one for each platform, with its image reader. They are
 * optional dependencies, so that npm installs the one that fits and accepts that the others are missing. They
 * are added when the package is packed and not before, because `npm ci` installs what package.json names.
 */
async function packageReaders(folder: string): Promise<void> {
  const [archive] = (await readdir(folder)).filter(file =>
    /^cdk-trusted-images@.*\.tgz$|^cdk-trusted-images-\d.*\.tgz$/.test(file),
  );
  if (archive === undefined) {
    throw new Error(`there is no cdk-trusted-images-<version>.tgz in ${folder}; run npx projen package:js`);
  }
  const work = await mkdtemp(join(tmpdir(), 'readers-'));
  try {
    await mustRun('tar', ['-xzf', join(folder, archive), '-C', work], 'it is no archive');
    const manifest = JSON.parse(await readFile(join(work, 'package', 'package.json'), 'utf8')) as Record<
      string,
      unknown
    > & { version: string };
    for (const platform of Object.keys(DESKS) as (keyof typeof DESKS)[]) {
      await packReader(platform, manifest, work, folder);
    }
    const optionalDependencies = Object.fromEntries(
      Object.keys(DESKS).map(platform => [READER_PACKAGE + platform, manifest.version]),
    );
    await writeFile(
      join(work, 'package', 'package.json'),
      JSON.stringify({ ...manifest, optionalDependencies }, undefined, 2),
    );
    const [packed] = JSON.parse(
      await npm(['pack', '--json', '--ignore-scripts', `--pack-destination=${work}`], join(work, 'package')),
    ) as { filename: string }[];
    await cp(join(work, packed!.filename), join(folder, archive));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function packReader(
  platform: keyof typeof DESKS,
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

packageReaders(resolve(process.argv[2] ?? 'dist/js')).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
