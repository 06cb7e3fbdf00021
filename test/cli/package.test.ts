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
import { brotliDecompressSync } from 'node:zlib';
import { transformSync } from 'esbuild';
import * as ts from 'typescript';
import { sarifIn } from './scan/sarif-schema';
import { Workshop, type Ended } from './scan/workshop';
import { packDockerfileReader } from '../../local/package/beside';
import { billOfMaterials } from '../../local/release/sbom';
import { installNode, namedNodes } from '../newcomer/node-versions';
import { startApp } from '../newcomer/start-page';
import { packInto, type Packed } from '../support/packed';

interface Manifest {
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const ROOT = join(__dirname, '..', '..');
/** What a new user has: an empty folder, and the package. */
let home: string;
let packed: Packed;
/** The archive of the package that has the reader of Dockerfiles. */
let dockerfileReader: string;
let shop: Workshop;

beforeAll(async () => {
  shop = await Workshop.open();
  home = mkdtempSync(join(tmpdir(), 'new-user-'));
  packed = await packInto(home);
  dockerfileReader = await packDockerfileReader(home);
  mkdirSync(join(home, 'app'));
  mkdirSync(join(home, 'bin'));
  for (const name of ['env', 'node', 'npx', 'sh']) {
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
      join(home, 'bin', name),
    );
  }
  writeFileSync(join(home, 'app', 'package.json'), '{}');
  install(packed.archive);
}, 600_000);
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
  shop.close();
});
jest.setTimeout(120_000);

/** Nothing but the archive: npm may ask what the peers are, but installs none. */
function install(archive: string): void {
  const flags = ['--prefer-offline', '--omit=optional', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...flags, archive], { cwd: join(home, 'app'), stdio: 'pipe' });
}

/** By its name, as whoever installed it does. */
const npx = (args: readonly string[]) => runThere('npx', ['cdk-trusted-images', ...args]);

/** The program that npx finds, in half the time. */
const installed = (args: readonly string[], machine?: { readonly hasTrivy: boolean }) =>
  runThere(join(home, 'app', 'node_modules', '.bin', 'cdk-trusted-images'), args, machine);

/** Of this machine it has what npx cannot do without, and Trivy if it is to be there. */
function runThere(file: string, args: readonly string[], { hasTrivy = true } = {}): Promise<Ended> {
  const path = [join(home, 'bin'), ...(hasTrivy ? [dirname(shop.trivy)] : [])].join(delimiter);
  const env = {
    PATH: path,
    HOME: home,
    npm_config_yes: 'false',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  return new Promise(resolve =>
    execFile(file, args, { cwd: join(home, 'app'), env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    }),
  );
}

/** Checks those of the files of a project that are `ours`, by their paths. */
function checkTypes(
  folder: string,
  ours: (file: string) => boolean,
): { checked: string[]; errors: string[] } {
  const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  })!;
  const program = ts.createProgram({ rootNames: config.fileNames, options: config.options });
  const files = program.getSourceFiles().filter(({ fileName }) => ours(fileName));
  const found = [
    ...config.errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...files.flatMap(file => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  return {
    checked: files.map(({ fileName }) => relative(folder, fileName)),
    errors: found.map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    ),
  };
}

const scan = async (image: 'clean' | 'fixable-critical', ...more: string[]) =>
  installed(['scan', await shop.layout(image), '--cache-dir', shop.cache, '--skip-db-update', ...more]);

test('what editors and programs look for in the package is in it, and no sources are', () => {
  expect(packed.files).toEqual(
    expect.arrayContaining([
      'API.md',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'THIRD_PARTY_LICENSES.txt',
      'assets/cli/trusted-images.js',
      'docs/trusted-images.schema.json',
      'docs/waivers.schema.json',
    ]),
  );
  expect(
    packed.files.filter(file =>
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
  expect(packed.files.filter(file => file.startsWith('assets/templates/')).sort()).toEqual(
    templates.map(file => `assets/${file}`).sort(),
  );
  for (const template of ['github', 'gitlab', 'codepipeline']) {
    expect((await installed(['init', template])).code).toBe(0);
  }
});

test('by its name, without the CDK', async () => {
  expect(readdirSync(join(home, 'app', 'node_modules')).filter(name => !name.startsWith('.'))).toEqual([
    'cdk-trusted-images',
  ]);
  expect(readdirSync(join(home, 'app', 'node_modules', '.bin'))).toEqual(['cdk-trusted-images']);
  expect(await npx(['--help'])).toEqual({
    code: 0,
    out: expect.stringContaining('Usage: cdk-trusted-images'),
    err: '',
  });
  expect(await npx(['--version'])).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  expect(await npx(['nothing'])).toMatchObject({ code: 64, out: '' });
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
  const ended = await installed(['scan', await shop.layout('clean')], { hasTrivy: false });
  expect(ended).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(
      /^error: there is no Trivy at "trivy", required: 0\.74\.0 or newer; install it: [^\n]+\n$/,
    ),
  });
});

test('without its database: 2, and how to get it', async () => {
  const ended = await installed([
    'scan',
    await shop.layout('clean'),
    '--cache-dir',
    'empty',
    '--skip-db-update',
  ]);
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

test('the reader of Dockerfiles is a package of its own: without it 2, and how to get it', async () => {
  writeFileSync(join(home, 'app', 'Dockerfile'), 'FROM scratch\nUSER root\n');
  const args = ['scan', '--dockerfile', 'Dockerfile'];
  expect(await installed(args)).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(
      /^error: the reader of Dockerfiles is not installed: [^\n]+; npm install @cdk-trusted-images\/dockerfile, in the version of this program\n$/,
    ),
  });
  rmSync(join(home, 'app', 'Dockerfile'));
  const image = `base:1@sha256:${'ab'.repeat(32)}`;
  const init = ['init', 'dockerfile', '--language', 'go', '--base', image, '--build-base', image];
  expect((await installed(init)).code).toBe(2);
  expect(readdirSync(join(home, 'app'))).not.toContain('Dockerfile');

  install(dockerfileReader);
  expect((await installed(init)).code).toBe(0);
  expect((await installed(args)).code).toBe(0);
});

describe('what is published', () => {
  const MB = 1e6;
  const read = (file: string) => readFileSync(join(home, 'package', file));
  const manifest = () => JSON.parse(read('package.json').toString()) as Manifest;

  test('is not larger than the installation page says', () => {
    expect(packed.bytes).toBeLessThan(17 * MB);
    expect(packed.unpackedBytes).toBeLessThan(40 * MB);
  });

  test('has nothing that nobody needs', () => {
    expect(packed.files.filter(file => /(?:^|[./])(?:tests?|src|__tests__)\//.test(file))).toEqual([]);
    expect(packed.files.filter(file => /\.map$|\.ts$/.test(file) && !file.endsWith('.d.ts'))).toEqual([
      'assets/templates/codepipeline/pipeline.ts',
    ]);
    for (const file of packed.files.filter(name => name.startsWith('lib/') && name.endsWith('.js'))) {
      expect(read(file).includes('sourceMappingURL')).toBe(false);
    }
    expect(Object.keys(JSON.parse(read('package.json').toString()) as object)).not.toContain(
      'devDependencies',
    );
  });

  test.each(['README.md', 'CHANGELOG.md', 'SECURITY.md'])(
    'the links of %s lead somewhere from everywhere',
    file => {
      const targets = [
        ...read(file)
          .toString()
          .matchAll(/\]\(([^)\s]+)\)/g),
      ].map(([, target]) => target!);
      expect(targets).not.toEqual([]);
      expect(targets.filter(target => !/^(?:https:\/\/|#)/.test(target))).toEqual([]);
    },
  );

  test('other languages show the same README', () => {
    const { readme } = JSON.parse(read('.jsii').toString()) as { readme: { markdown: string } };
    expect(readme.markdown).toBe(read('README.md').toString());
  });

  describe('beside the oldest CDK', () => {
    const cwd = () => join(home, 'app');

    beforeAll(() => {
      for (const peer of ['aws-cdk-lib', 'constructs', '@types']) {
        symlinkSync(join(ROOT, 'node_modules', peer), join(cwd(), 'node_modules', peer));
      }
    });

    test('the first app is synthesised by the oldest Node', () => {
      const { version } = JSON.parse(
        readFileSync(join(ROOT, 'node_modules', 'aws-cdk-lib', 'package.json'), 'utf8'),
      ) as { version: string };
      expect(`^${version}`).toBe(manifest().peerDependencies['aws-cdk-lib']);
      const { oldest } = namedNodes();
      expect(manifest().engines.node).toBe(`>= ${oldest}.0.0`);

      const { code } = transformSync(startApp().code, { loader: 'ts', format: 'cjs' });
      writeFileSync(join(cwd(), 'first.js'), code);
      const node = join(installNode(oldest), 'node');
      execFileSync(node, ['first.js'], {
        cwd: cwd(),
        env: { ...process.env, CDK_OUTDIR: join(home, 'cdk.out') },
        stdio: 'pipe',
      });
      const written = readdirSync(join(home, 'cdk.out')).filter(file => file.endsWith('.template.json'));
      expect(written.sort()).toEqual(['Images.template.json', 'Shop.template.json']);
    });

    test('its types are whole', () => {
      const tsconfig = {
        compilerOptions: { strict: true, noEmit: true, skipLibCheck: false, types: ['node'] },
      };
      writeFileSync(join(cwd(), 'tsconfig.json'), JSON.stringify({ ...tsconfig, files: ['first.ts'] }));
      writeFileSync(join(cwd(), 'first.ts'), startApp().code);
      // the declarations of the CDK are checked by nobody here: they are many, and not ours
      const { checked, errors } = checkTypes(
        cwd(),
        file => !/\/node_modules\/(?!cdk-trusted-images\/)/.test(file),
      );
      expect(checked).toEqual(
        expect.arrayContaining(['first.ts', 'node_modules/cdk-trusted-images/lib/image-trust.d.ts']),
      );
      expect(errors).toEqual([]);
    });
  });

  /** Of the bundles of JavaScript: each of them is what its sources give, so these are all of them. */
  test('its bill of materials names what its notices name, and the modules of Go that it is linked with', () => {
    const bill = billOfMaterials(join(home, 'package'), packed.bundled, 'v1.26.0') as {
      components: { purl: string }[];
    };
    const purls = bill.components.map(({ purl }) => purl);
    expect(purls.filter((purl, at) => purls.indexOf(purl) !== at)).toEqual([]);
    for (const named of [
      /^pkg:npm\/zod@\d/,
      /^pkg:npm\/%40aws-lambda-powertools\/logger@\d/,
      /^pkg:golang\/github\.com\/aws\/aws-sdk-go-v2@v\d/,
      /^pkg:golang\/github\.com\/open-policy-agent\/opa@v\d/,
      /^pkg:golang\/stdlib@v1\.26\.0$/,
    ]) {
      expect(purls.filter(purl => named.test(purl))).toHaveLength(1);
    }
  });

  test('the notices name every npm package that is bundled, and no other', () => {
    const bundled = new Set(
      packed.bundled.flatMap(file => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
    );
    const notices = read('THIRD_PARTY_LICENSES.txt').toString();
    const named = [...notices.matchAll(/^((?:@[^/\s]+\/)?[^/\s]+) \d+\.\d+\.\d+\S* \([^)]+\)$/gm)].map(
      ([, name]) => name!,
    );
    expect([...new Set(named)].sort()).toEqual([...bundled].sort());
    expect(named).toContain('@aws-sdk/client-kms');
    // the last two demand no text
    const without = [...notices.matchAll(/^It brings no text\. Its licence: (.*)$/gm)].map(
      ([, name]) => name!,
    );
    expect([...new Set(without)].sort()).toEqual([
      'Apache-2.0, whose text is in LICENSE',
      'CC0-1.0',
      'MIT-0',
    ]);
    expect(read('LICENSE').toString()).toMatch(/^\s+Apache License\n\s+Version 2\.0/m);
  });

  test.each([
    'assets/normal-form/build',
    'assets/rego/nodejs/node_modules/trusted-images-rego',
    'assets/buildkit',
  ])('%s has the licences of every Go module that is linked', folder => {
    const licenses = readFileSync(join(ROOT, folder, 'LICENSES.txt'), 'utf8');
    const linked = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => /(?:\/normal-form|\.wasm\.br)$/.test(`/${file}`))
      .map(file => ({ file, bytes: readFileSync(join(ROOT, folder, file)) }))
      .map(({ file, bytes }) =>
        (file.endsWith('.br') ? brotliDecompressSync(bytes) : bytes).toString('latin1'),
      )
      .flatMap(program => [...program.matchAll(/(?:^|\n)dep\t(\S+)\t(\S+)/g)])
      .map(([, module, version]) => `${module} ${version}`);
    expect(linked).not.toEqual([]);
    const others = linked.filter(module => !module.startsWith('wasm-call '));
    expect(others.filter(module => !licenses.includes(`\n${module}: `))).toEqual([]);
    expect(packed.files.includes(`${folder}/LICENSES.txt`)).toBe(folder !== 'assets/buildkit');
  });
});
