import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { NOT_FOUND } from '../../local/tools/command';
import { ensureGoProduct } from '../../local/tools/go-product';
import { readGoSources } from '../../local/tools/go-sources';
import { linkedLicenses } from '../../local/tools/linked-licenses';
import { Machine } from '../../local/tools/machine';
import { OPA, OPA_VERSION } from '../../local/tools/opa';
import { REGO_ENGINE_FOLDER, REGO_ENGINE_PRODUCT } from '../../local/tools/rego-engine';
import { readRegoEngine } from '../../local/tools/rego-runtime';

let folder: string;
let sources: string;
let said: string[];
const say = (line: string) => said.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rego-engine-'));
  sources = join(folder, 'rego');
  said = [];
  mkdirSync(sources);
  for (const [file, text] of Object.entries({
    'main.go': 'package main',
    'go.mod': 'module m',
    'go.sum': '',
    LICENSE: "Go's terms",
  })) {
    writeFileSync(join(sources, file), text);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A machine whose Go builds the same bytes every time. */
function machine(run: Machine['run'] = goThatBuilds('go1.26.8')): Machine {
  return {
    platform: 'linux-x64',
    cacheFolder: join(folder, 'cache'),
    find: () => undefined,
    exists: existsSync,
    download: () => Promise.reject(new Error('no internet')),
    run,
  };
}

/** The engine of the sources of this test. */
function ensureRegoEngine(on: Machine): Promise<string> {
  return ensureGoProduct({ ...REGO_ENGINE_PRODUCT, sources }, say, on);
}

function goThatBuilds(version: string): jest.MockedFunction<Machine['run']> {
  return jest.fn<ReturnType<Machine['run']>, Parameters<Machine['run']>>((_program, args) => {
    if (args[0] === 'build') writeFileSync(args[args.indexOf('-o') + 1]!, 'wasm');
    return Promise.resolve({
      code: 0,
      stdout: args[1] === 'GOVERSION' ? `${version}\n` : args[1] === 'GOROOT' ? `${sources}\n` : '',
      stderr: '',
    });
  });
}

const builds = (run: jest.MockedFunction<Machine['run']>) =>
  run.mock.calls.filter(([, args]) => args[0] === 'build').length;

test('the engine is built once for the same sources', async () => {
  const run = goThatBuilds('go1.26.8');
  const first = await ensureRegoEngine(machine(run));
  const second = await ensureRegoEngine(machine(run));

  expect(second).toBe(first);
  expect(builds(run)).toBe(1);
  expect(said).toEqual([
    'building the Rego engine with go1.26.8, once for these sources: this takes about a minute',
  ]);
  expect(brotliDecompressSync(readFileSync(join(first, 'rego.wasm.br'))).toString()).toBe('wasm');
  expect(readFileSync(join(first, 'rego.wasm.sha256'), 'utf8')).toBe(
    `${createHash('sha256').update('wasm').digest('hex')}  rego.wasm\n`,
  );
  expect(readFileSync(join(first, 'LICENSES.txt'), 'utf8')).toContain("Go's terms");
});

test.each([
  ['another source', () => writeFileSync(join(sources, 'main.go'), 'package main // changed'), 'go1.26.8'],
  ['another pin', () => writeFileSync(join(sources, 'go.mod'), 'module m2'), 'go1.26.8'],
  ['another compiler', () => undefined, 'go1.27.0'],
])('%s is another engine', async (_, change, version) => {
  const first = await ensureRegoEngine(machine());
  change();
  expect(await ensureRegoEngine(machine(goThatBuilds(version)))).not.toBe(first);
});

test('what no build reads makes no other engine: tests, and modules in folders below', async () => {
  const first = await ensureRegoEngine(machine());
  writeFileSync(join(sources, 'main_test.go'), 'package main');
  mkdirSync(join(sources, 'differential'));
  writeFileSync(join(sources, 'differential', 'go.mod'), 'module other');
  writeFileSync(join(sources, 'differential', 'main.go'), 'package other');
  expect(await ensureRegoEngine(machine())).toBe(first);
});

test.each([
  ['there is no Go', NOT_FOUND, 'no go on PATH to build the Rego engine with; install Go 1.26 or newer'],
  [
    'Go fails',
    1,
    'go env GOVERSION ended with 1: no space left; install Go 1.26 or newer (https://go.dev/dl/) and have its bin folder on PATH, and its module proxy in reach',
  ],
])('fails with a remedy when %s', async (_, code, message) => {
  await expect(
    ensureRegoEngine(machine(() => Promise.resolve({ code, stdout: '', stderr: 'no space left' }))),
  ).rejects.toThrow(message);
});

test('what failed to build is not kept', async () => {
  const good = goThatBuilds('go1.26.8');
  const bad = machine((program, args, options) =>
    args[0] === 'list'
      ? Promise.resolve({ code: 1, stdout: '', stderr: 'no proxy' })
      : good(program, args, options),
  );
  await expect(ensureRegoEngine(bad)).rejects.toThrow('no proxy');
  await ensureRegoEngine(machine(good));
  expect(builds(good)).toBe(2);
});

test('a text cannot move between two sources unseen', async () => {
  const before = await readGoSources(sources);
  writeFileSync(join(sources, 'main.go'), 'package main\nmodule');
  writeFileSync(join(sources, 'go.mod'), ' m');
  expect(await readGoSources(sources)).not.toEqual(before);
});

test('licences are those of modules, and of packages that have their own', () => {
  const module = join(folder, 'module');
  for (const at of [module, join(module, 'own'), join(module, 'plain')]) mkdirSync(at);
  for (const [file, text] of Object.entries({
    'License.txt': 'of the module',
    'own/COPYING': 'of the package',
    'plain/license.go': 'no licence',
  })) {
    writeFileSync(join(module, file), text);
  }
  const texts = linkedLicenses(
    'rego.wasm',
    [`m v1\t${module}\t${join(module, 'own')}`, `m v1\t${module}\t${join(module, 'plain')}`, ''].join('\n'),
    sources,
  );

  expect(texts.match(/^\S.*: \S+$/gm)).toEqual([
    'Go standard library: LICENSE',
    'm v1: own/COPYING',
    'm v1: License.txt',
  ]);
  expect(texts).toContain('of the package');
  expect(texts).not.toContain('no licence');
});

describe('what travels with the package', () => {
  const read = (file: string) => readFileSync(join(REGO_ENGINE_FOLDER, file), 'utf8');

  test('is the engine, its hash and its licences', () => {
    expect(REGO_ENGINE_PRODUCT.files.filter(file => !existsSync(join(REGO_ENGINE_FOLDER, file)))).toEqual([]);
    expect(read('rego.wasm.sha256')).toBe(
      `${createHash('sha256').update(readRegoEngine()).digest('hex')}  rego.wasm\n`,
    );
  });

  test('has the licence of everything that is linked', () => {
    const licenses = read('LICENSES.txt');
    expect(licenses).toContain(`github.com/open-policy-agent/opa v${OPA_VERSION}: LICENSE`);
    expect(licenses).toContain('Go standard library: LICENSE');
    expect(licenses).toContain('go.yaml.in/yaml/v3');
    expect(licenses).not.toMatch(/\/(?:home|root|Users)\//);
  });

  test('is smaller than 6 MB', () => {
    expect(readFileSync(join(REGO_ENGINE_FOLDER, 'rego.wasm.br')).length).toBeLessThan(6e6);
  });
});

describe('the native OPA', () => {
  test('is of the version that the engine is built from', () => {
    expect(readFileSync(join(__dirname, '..', '..', 'rego', 'go.mod'), 'utf8')).toContain(
      `require github.com/open-policy-agent/opa v${OPA_VERSION}\n`,
    );
    expect(OPA.source.package).toBe(`github.com/open-policy-agent/opa@v${OPA_VERSION}`);
  });

  test('says its version', () => {
    expect(OPA.readVersion('Version: 1.22.2\nBuild Commit: \nRego Version: v1\n')).toBe('1.22.2');
    expect(OPA.readVersion('usage: opa\n')).toBeUndefined();
  });
});
