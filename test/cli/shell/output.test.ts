import { dirname } from 'node:path';
import { run } from '../../../cli/main';
import { Output } from '../../../cli/shell/output';
import { version } from '../../../package.json';
import { Workshop } from '../scan/workshop';

let shop: Workshop;
/** A scan of an image that passes, of no more than the policy asks for. */
let scanOfImage: string[];
beforeAll(async () => {
  shop = await Workshop.open();
  const policy = shop.write(
    'vulnerabilities.yaml',
    'version: 1\npolicy: { name: vulnerabilities only, rules: [{ rule: vulnerabilities, severities: [CRITICAL] }] }\n',
  );
  scanOfImage = [
    ...['scan', await shop.layout('clean'), '--policy', policy, '--scanners', 'vuln'],
    ...['--cache-dir', shop.cache, '--skip-db-update'],
  ];
}, 600_000);
afterAll(() => shop.close());
jest.setTimeout(120_000);

interface Terminal {
  readonly isTTY: boolean;
  readonly environment?: Record<string, string>;
}

async function scan(
  args: readonly string[],
  { isTTY, environment = {} }: Terminal,
): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const stream = (name: keyof typeof written) => ({
    isTTY,
    write: (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    },
  });
  const out = new Output({ stdout: stream('out'), stderr: stream('err'), environment });
  const code = await run([...args, ...scanOfImage], {
    out,
    cwd: shop.folder,
    environment: { PATH: dirname(shop.trivy) },
  });
  return { code, ...written };
}

test('colours and progress are for terminals, and for those who want them', async () => {
  expect(await scan([], { isTTY: true })).toEqual({
    code: 0,
    out: expect.stringMatching(/^\u001b\[32mPASS\u001b\[0m {2}/),
    err: 'scanning the image …\n',
  });
  expect(await scan([], { isTTY: false })).toEqual({
    code: 0,
    out: expect.stringMatching(/^PASS {2}/),
    err: '',
  });
  // as no-color.org has it: empty is not set
  expect((await scan([], { isTTY: true, environment: { NO_COLOR: '' } })).out).toMatch(/^\u001b\[32mPASS/);
  expect((await scan([], { isTTY: true, environment: { NO_COLOR: '1' } })).out).toMatch(/^PASS {2}/);
  expect(await scan(['--quiet'], { isTTY: true })).toMatchObject({
    code: 0,
    out: expect.stringMatching(/PASS/),
    err: '',
  });
});

test('--quiet leaves results and errors', async () => {
  const variables = { PATH: dirname(shop.trivy) };
  expect(await shop.run([...scanOfImage, '--json', '-'], variables)).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^PASS /),
  });
  expect(await shop.runAsPublished(['--quiet', ...scanOfImage, '--json', '-'], variables)).toMatchObject({
    code: 0,
    err: '',
  });
  expect(await shop.runAsPublished(['--quiet', 'scan', './gone'])).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^error: /),
  });
});

test('--version is that of the package, from its sources and as it is published', async () => {
  expect(await shop.runAsPublished(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  const written: string[] = [];
  const out = new Output({
    stdout: {
      write: (text: string | Uint8Array) => {
        written.push(String(text));
        return true;
      },
    },
    environment: {},
  });
  expect([await run(['--version'], { out }), written]).toEqual([0, [`${version}\n`]]);
});

test.each(['\u009b31m', '\u202egnp', '\u001b[31m'])(
  'what is said of an argument does nothing on a terminal: %j',
  async text => {
    for (const args of [
      [`--${text}`],
      ['scan', 'x', '--timeout', text],
      [text],
      ['findings', '--cve', 'CVE-2021-44228', '--nothing', text],
    ]) {
      const { code, err } = await shop.run(args);
      expect([code, err]).toEqual([64, expect.stringMatching(/^error: /)]);
      // eslint-disable-next-line no-control-regex
      expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  },
);
