import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { cloud } from './cloud';
import { CommandLine, credentialsWith } from './command-line';
import { onlyEmulated } from './only-emulated';
import { makeRepository, push, quickstart, resource, rowOnce, verdictOf } from './quickstart';
import { EXPECTED } from '../../local/demo/expected';
import type { Content } from '../../local/images/content';
import { buildImage } from '../../local/images/image';
import { writeLayout } from '../../local/images/layout';
import { nodeModules } from '../../local/images/npm-packages';
import {
  HARDENED,
  historyOf,
  MINIMIST,
  PATCHED,
  supportedOs,
  UNFIXED,
  unsupportedOs,
} from '../../local/images/zoo/ingredients';
import { zooImage, type ZooName } from '../../local/images/zoo/zoo';
import { contentOf, Verdict } from '../../src/core/evidence/verdict';
import type { RegisterRow } from '../../src/core/register/row';
import { addDays, dayOf } from '../../src/core/waivers/life';

onlyEmulated('the command line is tried with the Trivy and the account number of the embedded cloud');

const HOST = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
/** Those that the cloud's builds take: the same facts for both. */
const DATABASES = [
  '--db-repository',
  'public.ecr.aws/aquasecurity/trivy-db:2',
  '--java-db-repository',
  'public.ecr.aws/aquasecurity/trivy-java-db:1',
];
const CODES = { PASS: 0, FAIL: 1, ERROR: 2, PENDING: undefined } as const;

let cli: CommandLine;
beforeAll(async () => {
  cli = new CommandLine();
  await quickstart();
});
afterAll(() => cli.close());

type OfCli = Omit<Verdict, 'image'> & { readonly digest: string };
interface Answer {
  readonly outcome: 'PASS' | 'FAIL' | 'ERROR';
  readonly images: readonly OfCli[];
  readonly indeterminate: readonly { readonly cause: string }[];
}

/** What is judged, and not when or by which run. */
function said(verdict: Omit<Verdict, 'image'>): object {
  const { outcome, violationCount, counts, rules, warnings } = verdict;
  const told = warnings.map(({ rule, message }) => ({ rule, message }));
  return { outcome, violationCount, counts, rules, warnings: told, content: contentOf(verdict as Verdict) };
}

async function scan(image: string, ...more: string[]): Promise<Answer & { readonly code: number }> {
  const { code, out, err } = await cli.run(['scan', image, ...DATABASES, '--json', '-', ...more]);
  if (out === '') throw new Error(`${image} was not scanned: ${err}`);
  return { code, ...(JSON.parse(out) as Answer) };
}

/** The verdict in the evidence of what the register names. */
async function verdictInCloud(repository: string, digest: string): Promise<Verdict> {
  const { EvidenceBucketName: Bucket } = await quickstart();
  const { verdict } = await rowOnce(repository, digest, row => row.verdict !== undefined);
  const { Body } = await cloud().s3.getObject({ Bucket, Key: verdict!.evidenceKey });
  return Verdict.parse(JSON.parse(await Body!.transformToString()));
}

let layouts = 0;
async function layoutOf(content: Content): Promise<string> {
  const folder = join(cli.folder, `layout-${(layouts += 1)}`);
  await writeLayout(folder, content);
  return folder;
}

/** An index could not be judged because of a child: the command line names the cause at the child. */
async function causesOf(
  repository: string,
  { children }: Content,
  { lastFailedScan }: RegisterRow,
): Promise<unknown[]> {
  if (lastFailedScan!.cause !== 'CHILD_WITHOUT_VERDICT') return [lastFailedScan!.cause];
  const hasEnded = (row: RegisterRow) => row.verdict !== undefined || row.lastFailedScan !== undefined;
  const ended = await Promise.all(
    children.map(child => rowOnce(repository, child.descriptor.digest, hasEnded)),
  );
  return ended.filter(row => row.verdict === undefined).map(row => row.lastFailedScan!.cause);
}

type Sources = (layout: string, reference: string) => readonly string[];

/** Pushes an image, and holds the verdict of the cloud against that of the command line. */
async function expectTheSame(content: Content, sources: Sources): Promise<string> {
  const repository = await makeRepository();
  const digest = await push(repository, content);
  const { outcome, row } = await verdictOf(repository, digest);
  for (const source of sources(await layoutOf(content), `${HOST}/${repository}@${digest}`)) {
    const answer = await scan(source, '--from-stack', 'Quickstart', '--repository', repository);
    expect([source, answer.outcome, answer.code]).toEqual([source, outcome, CODES[outcome]]);
    if (outcome === 'ERROR') {
      expect(answer.indeterminate.map(({ cause }) => cause)).toEqual(
        await causesOf(repository, content, row!),
      );
    }
    for (const ofCli of answer.images) {
      expect(said(ofCli)).toEqual(said(await verdictInCloud(repository, ofCli.digest)));
    }
    expect(answer.images.length + answer.indeterminate.length).toBeGreaterThan(0);
  }
  return outcome;
}

function tarOf(layout: string): string {
  execFileSync('tar', ['-C', layout, '-cf', `${layout}.tar`, '.']);
  return `${layout}.tar`;
}

describe('the same image has the same verdict here and in the cloud', () => {
  test.each(EXPECTED)(
    '$image: $outcome, from a layout, from a tar and from Amazon ECR',
    async ({ image, outcome }) => {
      expect(
        await expectTheSame(await zooImage(image), (layout, reference) => [layout, tarOf(layout), reference]),
      ).toBe(outcome);
    },
  );

  test.each<ZooName>([
    'attested',
    'log4shell',
    'root-without-history',
    'secret-behind-history',
    'unfixed-only',
    'no-packages',
    'scratch',
    'unknown-os-release',
  ])('%s', async image => {
    await expectTheSame(await zooImage(image), (layout, reference) => [layout, reference]);
  });

  const ingredients = fc.record({
    os: fc.constantFrom(supportedOs(PATCHED), supportedOs(UNFIXED), supportedOs([]), unsupportedOs()),
    isVulnerable: fc.boolean(),
    user: fc.constantFrom('65532:65532', '0', 'root', undefined),
  });

  test('whatever it is made of', async () => {
    await fc.assert(
      fc.asyncProperty(ingredients, async ({ os, isVulnerable, user }) => {
        const layers = [os, ...(isVulnerable ? [await nodeModules([MINIMIST])] : [])];
        const { User: _user, ...rest } = HARDENED;
        const config = { ...rest, ...(user !== undefined && { User: user }) };
        await expectTheSame(
          await buildImage({ layers, config, history: historyOf(layers.length, config) }),
          layout => [layout],
        );
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

describe('--from-stack', () => {
  test('judges by the policy that is deployed, which gives no time to fix', async () => {
    const layout = await layoutOf(await zooImage('fixable-critical'));
    expect((await cli.run(['scan', layout, ...DATABASES])).out).toContain('by the standard policy, ');
    const { code, out } = await cli.run(['scan', layout, ...DATABASES, '--from-stack', 'Quickstart']);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/by the policy of the stack Quickstart, revision \d+ \(standard\)/),
    ]);
    expect(out).not.toContain('A grace period may apply');
  });

  test('and by the waivers that are active, in the repositories that they name', async () => {
    const repository = await makeRepository();
    const content = await zooImage('fixable-critical');
    const digest = await push(repository, content);
    expect((await verdictOf(repository, digest)).outcome).toBe('FAIL');
    const expires = addDays(dayOf(new Date()), 2);
    const about = { owner: 'me@example.com', reason: 'Nobody calls what is vulnerable in here.' };
    await writeWaivers({
      version: 1,
      waivers: [{ id: 'CVE-2021-44906', repositories: [repository], ...about, expires }],
    });
    await rowOnce(repository, digest, ({ verdict }) => verdict?.outcome === 'PASS');

    const asked = [
      'scan',
      await layoutOf(content),
      ...DATABASES,
      '--from-stack',
      'Quickstart',
      '--repository',
    ];
    const waived = await cli.run([...asked, repository]);
    expect([waived.code, waived.out]).toEqual([
      0,
      expect.stringMatching(/^PASS [^]*\nwaived: 1\n {2}CVE-2021-44906 in minimist: me@example\.com until /),
    ]);
    expect((await cli.run([...asked, 'team/other'])).code).toBe(1);

    await writeWaivers({ version: 1, waivers: [] });
    await rowOnce(repository, digest, ({ verdict }) => verdict?.outcome === 'FAIL');
    expect((await cli.run([...asked, repository])).code).toBe(1);
  });

  test.each<[string, string[], Record<string, string | undefined>, number, RegExp]>([
    [
      'no such stack',
      ['--from-stack', 'Nowhere'],
      {},
      2,
      /there is no stack "Nowhere" in this account and region/,
    ],
    [
      'no such trust',
      ['--from-stack', 'Quickstart', '--trust', 'Other'],
      {},
      64,
      /holds no trust "Other", allowed: Trust/,
    ],
    [
      'no credentials',
      ['--from-stack', 'Quickstart'],
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      2,
      /no AWS credentials/,
    ],
    [
      'no AWS',
      ['--from-stack', 'Quickstart'],
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      2,
      /cannot be reached/,
    ],
  ])('with %s there is no answer', async (_, options, environment, code, says) => {
    const ended = await cli.run(['scan', await layoutOf(await zooImage('clean')), ...options], environment);
    expect(ended).toEqual({ code, out: '', err: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(ended.err).toMatch(says);
  });
});

describe('an image in Amazon ECR', () => {
  test('by its tag: it is looked up once, and judged as an image of its repository', async () => {
    const repository = await makeRepository();
    const digest = await push(repository, 'fixable-critical', 'v1');
    const { code, out } = await cli.run(['scan', `${HOST}/${repository}:v1`, ...DATABASES]);
    expect([code, out]).toEqual([1, expect.stringContaining(`FAIL  ${HOST}/${repository}:v1@${digest}\n`)]);
    expect(out).toContain(`judged as an image of ${repository} by the standard policy`);
  });

  test.each<[string, (repository: string) => string, Record<string, string | undefined>, RegExp]>([
    ['that is not there', repository => `${repository}:gone`, {}, /has no image gone: push it/],
    [
      'in no repository',
      () => 'team/nobody:v1',
      {},
      /the repository team\/nobody has no image v1: push it, or check the account and the region/,
    ],
    [
      'without credentials',
      repository => `${repository}:v1`,
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      /no AWS credentials/,
    ],
    [
      'without a network',
      repository => `${repository}:v1`,
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      /cannot be reached/,
    ],
  ])('%s is 2, in one line', async (_, name, environment, says) => {
    const ended = await cli.run(
      ['scan', `${HOST}/${name(await makeRepository())}`, ...DATABASES],
      environment,
    );
    expect(ended).toEqual({ code: 2, out: '', err: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(ended.err).toMatch(says);
  });
});

test.each<[string, object[]]>([
  ['no rights', []],
  [
    'rights to see the stack and nothing in it',
    [{ Effect: 'Allow', Action: 'cloudformation:*', Resource: '*' }],
  ],
])('a profile with %s is told so, in one line', async (_, statements) => {
  const repository = await makeRepository();
  const reference = `${HOST}/${repository}@${await push(repository, 'clean')}`;
  const credentials = await credentialsWith(statements);
  for (const args of [[reference], [await layoutOf(await zooImage('clean')), '--from-stack', 'Quickstart']]) {
    const ended = await cli.run(['scan', ...args, ...DATABASES], credentials);
    expect(ended).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(
        /^error: these credentials may not ask: give them the right that is named[^\n]+\n$/,
      ),
    });
  }
});

async function writeWaivers(document: object): Promise<void> {
  await cloud().s3.putObject({
    Bucket: await resource('AWS::S3::Bucket', 'TrustWaivers'),
    Key: 'waivers.yaml',
    Body: JSON.stringify(document),
  });
}
