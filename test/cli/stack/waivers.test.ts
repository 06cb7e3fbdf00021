import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeCli } from './fakes';
import { ExitCode } from '../../../cli/shell/exit-code';
import { checkWaivers } from '../../../cli/stack/check-waivers';
import { WAIVER_KEY_CHARACTERS } from '../../../src/core/evidence/verdict';
import { writeWaivers } from '../../../src/core/waivers/document';
import { waiverOf } from '../../../src/core/waivers/waiver';
import { activeWaivers, listExpiring, listUnused } from '../../../use-cases/deployed-trust/active-waivers';
import { NOW } from '../../core/support/made';

const REASON = 'not reachable from outside, assessed';
const waiver = (id: string, expires: string) =>
  waiverOf({ id, repositories: ['team/*'], owner: 'a@example.com', reason: REASON, expires });
const WAIVERS = [waiver('CVE-1', '2026-12-24'), waiver('CVE-2', '2026-11-25'), waiver('CVE-3', '2026-11-01')];
const short = ({ key }: { key: string }) => key.slice(0, WAIVER_KEY_CHARACTERS);

function ports(
  bytes: Uint8Array | undefined,
  sha256 = createHash('sha256')
    .update(bytes ?? '')
    .digest('hex'),
) {
  return {
    pointer: { current: async () => ({ revision: 1, sha256 }) },
    evidence: { read: async () => bytes },
  };
}

const read = ({ pointer, evidence }: ReturnType<typeof ports>) => activeWaivers(pointer, evidence);

describe('active waivers', () => {
  test('are those that the pointer names', async () => {
    expect((await read(ports(Buffer.from(writeWaivers(WAIVERS))))).map(({ id }) => id).sort()).toEqual([
      'CVE-1',
      'CVE-2',
      'CVE-3',
    ]);
  });

  test('are none where none were ever accepted', async () => {
    expect(await activeWaivers({ current: async () => undefined }, ports(undefined).evidence)).toEqual([]);
  });

  test.each<[string, ReturnType<typeof ports>, RegExp]>([
    ['gone', ports(undefined), /is not in the evidence bucket/],
    ['another one', ports(Buffer.from('{}'), 'a'.repeat(64)), /is not what its name says/],
    ['of a newer version', ports(Buffer.from('{"version":2}')), /is not valid for this version/],
  ])('cannot be told where the document is %s', async (_, of, says) => {
    await expect(read(of)).rejects.toMatchObject({
      kind: 'indeterminate',
      message: expect.stringMatching(says),
    });
  });
});

test('those that end soon or have expired, the first to end at first', () => {
  expect(listExpiring(WAIVERS, 14, NOW).map(({ what, daysLeft }) => [what, daysLeft])).toEqual([
    ['CVE-3', -24],
    ['CVE-2', 0],
  ]);
  expect(listExpiring(WAIVERS, 29, NOW)).toHaveLength(3);
});

test('lists the waivers that cover nothing, and none that may be used', () => {
  const [one, two, three] = [...WAIVERS].sort((a, b) => (a.key < b.key ? -1 : 1));
  expect(
    listUnused(WAIVERS, { keys: new Set([short(one!)]) }, NOW)
      .map(({ key }) => key)
      .sort(),
  ).toEqual([two!.key, three!.key]);
  expect(
    listUnused(WAIVERS, { keys: new Set([short(one!)]), unknownFrom: short(three!) }, NOW).map(
      ({ key }) => key,
    ),
  ).toEqual([two!.key]);
});

describe('a file', () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), 'waivers-'));
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  async function checked(text: string | Uint8Array, maxLife = '90', json = false) {
    const cli = fakeCli({ cwd });
    writeFileSync(join(cwd, 'waivers.yaml'), text);
    await checkWaivers('waivers.yaml', { maxLife, json }, cli);
    return { code: cli.code(), printed: cli.printed() };
  }

  const GOOD = `version: 1\nwaivers:\n  - id: CVE-1\n    repositories: ["team/*"]\n    owner: a@example.com\n    reason: ${REASON}\n    expires: 2026-12-24\n`;

  test('that is valid: 0', async () => {
    expect(await checked(GOOD)).toEqual({
      code: ExitCode.trusted,
      printed: 'waivers.yaml: 1 waivers, all valid\n',
    });
  });

  test('that is not: 1, each problem with its place', async () => {
    const { code, printed } = await checked(
      GOOD.replace('CVE-1', 'CVE-*').replace('    owner: a@example.com\n', ''),
    );
    expect(code).toBe(ExitCode.refused);
    expect(printed).toMatch(/^waivers\.yaml:3:\d+: [^\n]+\nwaivers\.yaml:3:\d+: [^\n]+\n$/);
  });

  test('as JSON', async () => {
    expect(JSON.parse((await checked(GOOD, '7', true)).printed)).toMatchObject({
      file: 'waivers.yaml',
      valid: false,
      problems: [{ line: 7, message: expect.stringContaining('allowed: a day until') }],
    });
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['no YAML', 'a: [', /^waivers\.yaml:1:\d+: /],
    ['not UTF-8', Buffer.from([0x61, 0xff]), /is not UTF-8/],
    ['too large', ' '.repeat(1024 * 1024 + 1), /bytes, allowed: 1048576/],
    [
      'characters that turn text around',
      'version: 1\nwaivers: "\u202e\u001b[2J"\n',
      /^waivers\.yaml:2:\d+: [^\u001b\u202e]+$/,
    ],
  ])('%s', async (_, text, says) => {
    expect(await checked(text)).toEqual({ code: ExitCode.refused, printed: expect.stringMatching(says) });
  });

  test.each(['none.yaml', '.'])('%s is no file: usage', async path => {
    await expect(checkWaivers(path, { maxLife: '90' }, fakeCli({ cwd }))).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('cannot be read'),
    });
  });

  test('of what is no file is a mistake on the command line, and waits for nobody', async () => {
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    for (const path of ['pipe', '/dev/zero', '.']) {
      await expect(checkWaivers(path, { maxLife: '90' }, fakeCli({ cwd }))).rejects.toMatchObject({
        kind: 'usage',
        message: expect.stringContaining('it is not a file'),
      });
    }
  });

  test.each(['0', '-1', 'x', ''])('--max-life %j: usage', async maxLife => {
    await expect(checkWaivers('waivers.yaml', { maxLife }, fakeCli({ cwd }))).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});
