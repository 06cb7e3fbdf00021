import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloud } from './cloud';
import { CommandLine, credentialsWith, type Ended } from './command-line';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import { makeRepository, nameOf, push, quickstart, rowOnce } from './quickstart';

onlyEmulated('the command line is tried with the Trivy and the account number of the embedded cloud');

const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';

let cli: CommandLine;
const run: CommandLine['run'] = (...of) => cli.run(...of);

const json = (ended: Ended) => JSON.parse(ended.out);

interface Pushed {
  readonly repository: string;
  readonly digest: string;
  readonly reference: string;
}
let good: Pushed;
let bad: Pushed;

async function pushed(image: 'clean' | 'fixable-critical'): Promise<Pushed> {
  const repository = await makeRepository();
  const digest = await push(repository, image, 'v1');
  return { repository, digest, reference: `${HOST}/${repository}@${digest}` };
}

beforeAll(async () => {
  cli = new CommandLine();
  await quickstart();
  [good, bad] = await Promise.all([pushed('clean'), pushed('fixable-critical')]);
  await rowOnce(
    good.repository,
    good.digest,
    ({ signature, statement }) => signature !== undefined && statement !== undefined,
  );
  await rowOnce(bad.repository, bad.digest, ({ verdict }) => verdict !== undefined);
});

afterAll(() => cli.close());

describe('verify', () => {
  test('what is trusted: 0, and until when', async () => {
    const ended = await run(['verify', good.reference]);
    expect(ended).toEqual({ code: 0, out: expect.stringMatching(/ is trusted until \d{4}-/), err: '' });
  });

  test('what is refused: 1, with findings and what to do', async () => {
    const ended = await run(['verify', bad.reference]);
    expect(ended).toMatchObject({ code: 1, err: '' });
    expect(ended.out).toMatch(
      /is refused: it does not pass policy[^]*\n- [^]*\nTo fix: [^]*\nverdict: s3:\/\//,
    );
  });

  test('as JSON', async () => {
    expect(json(await run(['verify', '--json', bad.reference]))).toMatchObject({
      trusted: false,
      reason: 'FAILED',
      findings: [expect.any(String)],
      remedy: expect.any(String),
    });
    expect(json(await run(['verify', '--json', good.reference]))).toMatchObject({
      trusted: true,
      image: nameOf(good.repository, good.digest),
      validUntil: expect.any(String),
    });
  });

  test('what nobody judged: 2', async () => {
    const ended = await run(['verify', `${HOST}/${good.repository}@sha256:${'0'.repeat(64)}`]);
    expect(ended).toMatchObject({ code: 2, out: expect.stringContaining('it has not been judged yet') });
  });

  test('a tag: 64, and once it is looked up: its image', async () => {
    const tag = `${HOST}/${good.repository}:v1`;
    expect(await run(['verify', tag])).toEqual({
      code: 64,
      out: '',
      err: expect.stringContaining('--resolve-tag'),
    });
    expect(await run(['verify', '--resolve-tag', tag])).toMatchObject({
      code: 0,
      err: expect.stringContaining(`v1 is ${good.digest}`),
    });
    expect(await run(['verify', '--resolve-tag', `${HOST}/${good.repository}:none`])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^error: there is no image [^\n]+\n$/),
    });
  });

  test('by the bundles in the registry, with the key from a file or from AWS KMS', async () => {
    const { SigningKeyAlias } = await quickstart();
    const { PublicKey } = await cloud().kms.getPublicKey({ KeyId: SigningKeyAlias });
    const { KeyMetadata } = await cloud().kms.describeKey({ KeyId: SigningKeyAlias });
    writeFileSync(
      join(cli.folder, 'cosign.pub'),
      `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey!).toString('base64')}\n-----END PUBLIC KEY-----\n`,
    );
    const withoutStack = { TRUSTED_IMAGES_STACK: undefined };
    expect(
      await run(['verify', good.reference, '--key', 'cosign.pub', '--max-age', '24'], withoutStack),
    ).toMatchObject({ code: 0, err: '' });
    expect(
      await run(
        ['verify', good.reference, '--key', `awskms:///${KeyMetadata!.Arn}`, '--max-age', '24'],
        withoutStack,
      ),
    ).toMatchObject({ code: 0, err: '' });
    expect(
      await run(['verify', bad.reference, '--key', 'cosign.pub', '--max-age', '24'], withoutStack),
    ).toMatchObject({ code: 1, out: expect.stringContaining('no valid signature') });
    expect(
      await run(['verify', good.reference, '--key', 'cosign.pub', '--max-age', '0.000001'], withoutStack),
    ).toMatchObject({ code: 1, out: expect.stringContaining('hours ago') });
    expect(await run(['verify', good.reference, '--key', 'cosign.pub'], withoutStack)).toMatchObject({
      code: 64,
    });
    expect(
      await run(['verify', good.reference, '--key', 'none.pub', '--max-age', '24'], withoutStack),
    ).toMatchObject({ code: 64 });
  });
});

test('status: the images of a repository', async () => {
  const ended = await run(['status', bad.repository]);
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(ended.out).toMatch(new RegExp(`^DIGEST [^\n]+\n${bad.digest.slice(0, 19)}  v1 +FAIL`));
  expect(json(await run(['status', '--json', `${HOST}/${good.repository}`]))).toEqual([
    expect.objectContaining({
      digest: good.digest,
      tags: ['v1'],
      outcome: 'PASS',
      signed: true,
      deadlines: [],
    }),
  ]);
  expect(await run(['status', 'team/nobody'])).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/^error: no image of the repository team\/nobody [^\n]+\n$/),
  });
});

test('admission: policies with the keys of the trust, for the repositories on record', async () => {
  const ended = await run(['admission', 'kyverno-cluster-policy']);
  expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('kind: ClusterPolicy') });
  expect(ended.out).toContain(`${HOST}/${good.repository}`);
  expect(ended.out).toContain('BEGIN PUBLIC KEY');
  const revoked = await run(['admission', 'revoked', '--repository', 'team/new', '--policy-name', 'ours']);
  expect(revoked.out).toContain('name: ours-revoked');
  expect(revoked.out).not.toContain(good.repository);
  expect(await run(['admission', 'podman'])).toEqual({
    code: 64,
    out: '',
    err: expect.stringMatching(/^error: the program is "podman", allowed: kyverno, [^\n]+\n$/),
  });
});

test('findings: which images have a vulnerability', async () => {
  const all = json(await run(['findings', '--json', '--repository', bad.repository])) as {
    id: string;
    pk: string;
    type: string;
  }[];
  expect(all.length).toBeGreaterThan(0);
  const { id } = all.find(({ type }) => type === 'vulnerability')!;
  const ended = await run(['findings', '--cve', id.toLowerCase()]);
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(ended.out).toMatch(
    new RegExp(`\nOPEN +CRITICAL +${id} +[^\n]*${bad.repository}@${bad.digest.slice(0, 19)}`),
  );
  expect(await run(['findings', '--cve', 'CVE-1900-0001'])).toEqual({
    code: 0,
    out: '',
    err: expect.stringContaining('no image on record has it'),
  });
  expect(await run(['findings'])).toMatchObject({ code: 64 });
});

test('explain: each rule, and where the evidence lies', async () => {
  const ended = await run(['explain', bad.reference]);
  expect(ended).toMatchObject({ code: 1, err: '' });
  expect(ended.out).toMatch(
    /\nRULE [^]*\nvulnerabilities +deny +violated[^]*\nviolations:\n- vulnerabilities: [^]*\nreport +s3:\/\//,
  );
  const withPage = await eventually('the page, which is written last', async () => {
    const { out } = await run(['explain', bad.reference]);
    return /\npage +s3:\/\/\S+\/report\.html\n/.test(out) ? out : undefined;
  });
  expect(withPage).not.toContain('none was found');
  expect(json(await run(['explain', '--json', good.reference]))).toMatchObject({
    trusted: true,
    verdict: { outcome: 'PASS', rules: expect.any(Array) },
  });
});

test('waivers: checked without AWS, and those active', async () => {
  writeFileSync(
    join(cli.folder, 'waivers.yaml'),
    'version: 1\nwaivers:\n  - id: CVE-2021-44228\n    owner: a@example.com\n',
  );
  const checked = await run(['waivers', 'check', 'waivers.yaml'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' });
  expect(checked).toMatchObject({ code: 1, err: '', out: expect.stringMatching(/^waivers\.yaml:3:\d+: /) });
  expect(await run(['waivers', 'expiring'])).toMatchObject({ code: 0 });
  expect(await run(['waivers', 'unused', '--json'])).toMatchObject({ code: 0 });
});

test('rescan: asks, and follows to the verdict', async () => {
  const before = await rowOnce(good.repository, good.digest, ({ verdict }) => verdict !== undefined);
  const ended = await run(['rescan', '--wait', '--json', good.reference]);
  expect({ ...json(ended), code: ended.code }).toMatchObject({ code: 0, trusted: true });
  const after = await rowOnce(good.repository, good.digest, ({ verdict }) => verdict !== undefined);
  expect(after.scanSeq).toBeGreaterThan(before.scanSeq);
  expect(await run(['rescan', '--wait', bad.reference])).toMatchObject({ code: 1 });
  expect(await run(['rescan', `${HOST}/other/app@${good.digest}`])).toMatchObject({
    code: 2,
    err: expect.stringContaining('is not enrolled'),
  });
  expect(
    await run(['rescan', '--wait', `${HOST}/${good.repository}@sha256:${'0'.repeat(64)}`]),
  ).toMatchObject({ code: 2, out: expect.stringContaining('IMAGE_GONE') });
});

test('report: one page about all images', async () => {
  const ended = await run(['report', '--html', 'fleet.html']);
  expect(ended).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^\d+ images: fleet\.html\n$/),
  });
  const page = readFileSync(join(cli.folder, 'fleet.html'), 'utf8');
  for (const { repository, digest } of [good, bad]) {
    expect(page).toContain(`/${repository}"`);
    expect(page).toContain(digest);
  }
  expect(await run(['report', '--html', 'none/fleet.html'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: "none\/fleet\.html" cannot be written \(ENOENT\)/),
  });
});

describe('who cannot ask is told what to do, in one line, and never 0', () => {
  const COMMANDS = [
    () => ['verify', good.reference],
    () => ['verify', good.reference, '--json'],
    () => ['status', good.repository],
    () => ['report'],
    () => ['admission', 'revoked'],
    () => ['findings', '--cve', 'CVE-2021-44228'],
    () => ['explain', good.reference],
    () => ['waivers', 'expiring'],
    () => ['waivers', 'unused'],
    () => ['rescan', good.reference],
    () => ['rescan', good.reference, '--wait'],
  ];

  test.each<[string, () => Promise<Record<string, string | undefined>>, RegExp]>([
    ['a role without rights', () => credentialsWith([]), /may not ask/],
    [
      'a role that sees the stack and nothing in it',
      () => credentialsWith([{ Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' }]),
      /may not ask/,
    ],
    [
      'nobody',
      async () => ({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }),
      /no AWS credentials/,
    ],
    ['no such stack', async () => ({ TRUSTED_IMAGES_STACK: 'Nowhere' }), /there is no stack "Nowhere"/],
    ['nobody there', async () => ({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }), /cannot be reached/],
  ])(
    '%s',
    async (_who, changes, says) => {
      const environmentOf = await changes();
      for (const command of COMMANDS) {
        const ended = await run(command(), environmentOf);
        expect({ command: command()[0], ...ended }).toEqual({
          command: command()[0],
          code: 2,
          out: '',
          err: expect.stringMatching(/^error: [^\n]+\n$/),
        });
        expect(ended.err).toMatch(says);
      }
    },
    120_000,
  );

  const NO_REGION = { AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };

  test('no region', async () => {
    const withoutImage = COMMANDS.map(command => command()).filter(([, what]) => what !== good.reference);
    for (const command of withoutImage) {
      expect(await run(command, NO_REGION)).toEqual({
        code: 2,
        out: '',
        err: expect.stringMatching(/^error: [^\n]*no AWS region[^\n]*\n$/),
      });
    }
  });

  test('an image names its region itself', async () => {
    expect(await run(['verify', good.reference], NO_REGION)).toMatchObject({ code: 0 });
    expect(await run(['explain', good.reference], NO_REGION)).toMatchObject({ code: 0 });
  });

  test('no stack is named: 64', async () => {
    expect(await run(['status', 'team/app'], { TRUSTED_IMAGES_STACK: undefined })).toMatchObject({
      code: 64,
      err: expect.stringContaining('TRUSTED_IMAGES_STACK'),
    });
  });
});
