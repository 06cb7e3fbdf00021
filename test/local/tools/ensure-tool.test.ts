import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzip } from '../../../local/images/gzip';
import { Layer } from '../../../local/images/layer';
import { NOT_FOUND } from '../../../local/tools/command';
import { ensureTool, findTool } from '../../../local/tools/ensure-tool';
import { Machine } from '../../../local/tools/machine';
import { Tool } from '../../../local/tools/tool';

const FROM_SOURCE = 'built from source';
let folder: string;
let said: string[];
let archive: Buffer;
let tool: Tool;
const say = (line: string) => said.push(line);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ensure-tool-'));
  said = [];
  archive = gzip(await new Layer().file('scanner', 'from the release', 0o755).file('LICENSE', '').tar());
  tool = {
    name: 'scanner',
    version: '1.2.3',
    versionArguments: ['--version'],
    readVersion: output => output.trim(),
    release: {
      platform: 'linux-x64',
      url: 'https://example.com/scanner.tar.gz',
      sha256: createHash('sha256').update(archive).digest('hex'),
    },
    source: {
      package: 'example.com/scanner@v1.2.3',
      flags: ['-trimpath'],
      environment: { CGO_ENABLED: '0' },
      duration: 'a while',
    },
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A machine without the tool, without internet, with Go. */
function machine(more: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux-x64',
    cacheFolder: folder,
    find: () => undefined,
    exists: existsSync,
    download: () => Promise.reject(new Error('fetch failed', { cause: new Error('no route') })),
    run: (_program, _args, options) => {
      writeFileSync(join(options?.environment?.GOBIN ?? '', 'scanner'), FROM_SOURCE);
      return Promise.resolve({ code: 0, stdout: '', stderr: '' });
    },
    ...more,
  };
}

const kept = () => join(folder, 'tools', 'scanner-1.2.3', 'scanner');
const onPath = (version: string) => ({
  find: () => '/usr/bin/scanner',
  run: () => Promise.resolve({ code: 0, stdout: version, stderr: '' }),
});

test('the program on PATH is used when it is of the pinned version', async () => {
  expect(await ensureTool(tool, say, machine(onPath('1.2.3')))).toBe('/usr/bin/scanner');
  expect(said).toEqual([]);
});

test('the program on PATH is not used when it is of another version', async () => {
  const download = () => Promise.resolve(archive);

  expect(await ensureTool(tool, say, machine({ ...onPath('1.2.4'), download }))).toBe(kept());
});

test('the release is downloaded once, and then taken from the cache', async () => {
  const download = jest.fn(() => Promise.resolve(archive));
  const first = await ensureTool(tool, say, machine({ download }));
  const second = await ensureTool(tool, say, machine({ download }));

  expect([first, second]).toEqual([kept(), kept()]);
  expect(readFileSync(first, 'utf8')).toBe('from the release');
  expect(download).toHaveBeenCalledTimes(1);
});

test('a release that is the program itself', async () => {
  const program = Buffer.from('the program');
  const sha256 = createHash('sha256').update(program).digest('hex');
  tool = { ...tool, release: { ...tool.release!, url: 'https://example.com/scanner-amd64', sha256 } };
  const download = () => Promise.resolve(program);

  const path = await ensureTool(tool, say, machine({ download }));
  expect(readFileSync(path, 'utf8')).toBe('the program');
  accessSync(path, constants.X_OK);
});

test('who only looks for a tool builds nothing', async () => {
  const run = jest.fn();
  expect(await findTool(tool, say, machine({ run }))).toBeUndefined();
  expect(run).not.toHaveBeenCalled();

  await ensureTool(tool, say, machine());
  expect(await findTool(tool, say, machine({ run }))).toBe(kept());
});

test('fails when the release is not the pinned one, and keeps nothing', async () => {
  const download = () => Promise.resolve(Buffer.from('tampered'));

  await expect(ensureTool(tool, say, machine({ download }))).rejects.toThrow(
    /has sha256 .*, expected .*; do not use it/,
  );
  expect(existsSync(kept())).toBe(false);
});

test('the tool is built from source when it cannot be downloaded', async () => {
  const run = jest.fn(machine().run);
  const path = await ensureTool(tool, say, machine({ run }));

  expect(readFileSync(path, 'utf8')).toBe(FROM_SOURCE);
  expect(run).toHaveBeenCalledWith(
    'go',
    ['install', '-trimpath', 'example.com/scanner@v1.2.3'],
    expect.anything(),
  );
  expect(said).toEqual([
    'scanner 1.2.3 is not on PATH: downloading https://example.com/scanner.tar.gz',
    'scanner could not be downloaded (fetch failed: no route), which is normal without internet',
    'building scanner 1.2.3 from source, once: this takes a while',
  ]);
});

test('the tool is built from source when there is no release for this machine', async () => {
  const download = jest.fn();
  await ensureTool(tool, say, machine({ platform: 'darwin-arm64', download }));

  expect(download).not.toHaveBeenCalled();
});

test('another process that was faster is no failure', async () => {
  const slow = machine({
    run: async (...build) => {
      await ensureTool(tool, say, machine());
      return machine().run(...build);
    },
  });

  expect(await ensureTool(tool, say, slow)).toBe(kept());
});

test.each([
  [NOT_FOUND, 'no go on PATH to build scanner 1.2.3 with; install Go'],
  [1, 'go install example.com/scanner@v1.2.3 ended with 1: no space left'],
])('fails with a remedy when go ends with %d, and keeps nothing', async (code, message) => {
  const run = () => Promise.resolve({ code, stdout: '', stderr: 'no space left' });

  await expect(ensureTool(tool, say, machine({ run }))).rejects.toThrow(message);
  expect(existsSync(kept())).toBe(false);
});

test('a module is built as a dependency, in the folder of its go.mod', async () => {
  const asked: { args: readonly string[]; module: string }[] = [];
  const run: Machine['run'] = (_program, args, options) => {
    asked.push({ args, module: readFileSync(join(options!.cwd!, 'go.mod'), 'utf8') });
    writeFileSync(args[args.indexOf('-o') + 1]!, FROM_SOURCE);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  };
  tool = {
    ...tool,
    release: undefined,
    source: { ...tool.source, package: 'example.com/scanner/cmd', module: 'example.com/scanner@v1.2.3' },
  };

  expect(readFileSync(await ensureTool(tool, say, machine({ run })), 'utf8')).toBe(FROM_SOURCE);
  expect(asked).toEqual([
    {
      args: ['build', '-mod=mod', '-o', expect.any(String), '-trimpath', 'example.com/scanner/cmd'],
      module: 'module tool\n\ngo 1.24\n\nrequire example.com/scanner v1.2.3\n',
    },
  ]);
});
