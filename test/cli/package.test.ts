import { execFile, execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { sarifIn } from './scan/sarif-schema';
import { Workshop, type Ended } from './scan/workshop';

const ROOT = join(__dirname, '..', '..');
/** What a new user has: an empty folder, and the package. */
let home: string;
let files: string[];
let shop: Workshop;

beforeAll(async () => {
  shop = await Workshop.open();
  home = mkdtempSync(join(tmpdir(), 'new-user-'));
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', `--pack-destination=${home}`], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: 'pipe',
    }),
  );
  files = (packed.files as { path: string }[]).map(({ path }) => path);
  mkdirSync(join(home, 'app'));
  mkdirSync(join(home, 'bin'));
  for (const program of ['env', 'node', 'npx', 'sh']) {
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim(),
      join(home, 'bin', program),
    );
  }
  writeFileSync(join(home, 'app', 'package.json'), '{}');
  // nothing but the tarball: the CDK, a peer, is not asked for, and neither is anybody's registry
  execFileSync(
    'npm',
    [
      'install',
      '--offline',
      '--legacy-peer-deps',
      '--no-audit',
      '--no-fund',
      join(home, packed.filename as string),
    ],
    { cwd: join(home, 'app'), stdio: 'pipe' },
  );
}, 600_000);
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
  shop.close();
});
jest.setTimeout(120_000);

/** Of this machine npx has what it cannot do without, and Trivy if it is to be there. */
function npx(args: readonly string[], { name = 'trusted-images', hasTrivy = true } = {}): Promise<Ended> {
  const path = [join(home, 'bin'), ...(hasTrivy ? [dirname(shop.trivy)] : [])].join(delimiter);
  const env = {
    PATH: path,
    HOME: home,
    npm_config_yes: 'false',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  return new Promise(resolve =>
    execFile('npx', [name, ...args], { cwd: join(home, 'app'), env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    }),
  );
}

const scan = async (image: 'clean' | 'fixable-critical', ...more: string[]) =>
  npx(['scan', await shop.layout(image), '--cache-dir', shop.cache, '--skip-db-update', ...more]);

test('what editors and programs look for in the package is in it, and no sources are', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'CHANGELOG.md',
      'README.md',
      'assets/cli/trusted-images.js',
      'docs/trusted-images.schema.json',
      'docs/waivers.schema.json',
    ]),
  );
  expect(
    files.filter(file =>
      /^(?:cli|lambda|use-cases|adapters|dockerfile|src|test|local|bench|examples|\.ci|decisions)\//.test(
        file,
      ),
    ),
  ).toEqual([]);
});

test('the templates of init are in it, and init writes from them', async () => {
  const templates = readdirSync(join(ROOT, 'cli', 'templates'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(join(ROOT, 'cli'), join(parentPath, name)));
  expect(files.filter(file => file.startsWith('assets/templates/')).sort()).toEqual(
    templates.map(file => `assets/${file}`).sort(),
  );
  const image = `base:1@sha256:${'ab'.repeat(32)}`;
  for (const args of [
    ['github'],
    ['gitlab'],
    ['codepipeline'],
    ['dockerfile', '--language', 'go', '--base', image, '--build-base', image],
  ]) {
    expect((await npx(['init', ...args])).code).toBe(0);
  }
});

test('by both of its names', async () => {
  for (const name of ['trusted-images', 'cdk-trusted-images']) {
    expect(await npx(['--help'], { name })).toEqual({
      code: 0,
      out: expect.stringContaining('Usage: cdk-trusted-images'),
      err: '',
    });
    expect(await npx(['--version'], { name })).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/),
    });
    expect(await npx(['nothing'], { name })).toMatchObject({ code: 64, out: '' });
  }
});

test('a vulnerable image is refused with 1, in words and in SARIF', async () => {
  const ended = await scan('fixable-critical', '--sarif', 'out.sarif');
  expect(ended).toEqual({
    code: 1,
    out: expect.stringMatching(/^FAIL [^]*CVE-2021-44906 in minimist/),
    err: '',
  });
  const {
    runs: [run],
  } = sarifIn(readFileSync(join(home, 'app', 'out.sarif'), 'utf8'));
  expect(run!.results).toContainEqual(expect.objectContaining({ ruleId: 'CVE-2021-44906', level: 'error' }));
});

test('a clean one passes with 0', async () => {
  expect(await scan('clean')).toEqual({ code: 0, out: expect.stringMatching(/^PASS /), err: '' });
});

test('without Trivy: 2, and how to get it', async () => {
  const ended = await npx(['scan', await shop.layout('clean')], { hasTrivy: false });
  expect(ended).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(
      /^error: there is no Trivy at "trivy", required: 0\.74\.0 or newer; install it: [^\n]+\n$/,
    ),
  });
});

test('without its database: 2, and how to get it', async () => {
  const ended = await npx(['scan', await shop.layout('clean'), '--cache-dir', 'empty', '--skip-db-update']);
  expect(ended).toMatchObject({
    code: 2,
    err: '',
    out: expect.stringMatching(
      /^INDETERMINATE [^]*DATABASE_UNAVAILABLE[^\n]+\n {2}-> download the database: trivy image --download-db-only /,
    ),
  });
});

test('the Rego engine comes with it', async () => {
  writeFileSync(
    join(home, 'app', 'team.rego'),
    'package team\nimport rego.v1\ndeny contains "by the file" if input.Metadata.ImageConfig.os == "linux"\n',
  );
  writeFileSync(
    join(home, 'app', 'trusted-images.yaml'),
    'version: 1\npolicy: { extends: standard, rules: [{ rule: rego, files: [team.rego] }] }\n',
  );
  expect(await scan('clean', '--policy', 'trusted-images.yaml')).toEqual({
    code: 1,
    out: expect.stringContaining('\nrego: 1\n  by the file\n'),
    err: '',
  });
});
