import { PullThroughCache, VulnerabilityDatabase } from '../../../src';
import type { KnownImage } from '../../../src/core/doctor/known-image';
import { imageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { AtOnce } from '../../../src/core/times';
import type { Referrer } from '../../../src/core/trust/registry-check';
import { findTrust, type DeployedTrust } from '../../../use-cases/deployed-trust/find-trust';
import { CHECKS } from '../../../use-cases/doctor/checks';
import { examine } from '../../../use-cases/doctor/examine';
import type { DoctorReaders } from '../../../use-cases/doctor/readers';
import { Reading } from '../../../use-cases/doctor/reading';
import { deployed } from '../../cli/stack/fakes';
import { minutes, NOW } from '../../core/support/made';
import { blocksOf, page } from '../../docs/markdown';
import { trustStack } from '../../support/synthesise';

const NEVER = new AbortController().signal;
const HOME = { account: '000000000000', region: 'us-east-1' };
let trust: DeployedTrust;

beforeAll(async () => {
  trust = await findTrust({ stack: 'Test', environment: {} }, deployed(trustStack().template.toJSON()));
});

function deadLettersOf({ resources }: DeployedTrust): string {
  return resources.find(({ logicalId }) => logicalId.includes('DeadLetters'))!.physicalId;
}

const ALL_EVENTS = { writes: true, without: [], filteredBy: [] };

/** An account in which all is well. */
function healthy(changes: Partial<DoctorReaders> = {}): DoctorReaders {
  return {
    buildQuota: async () => 60,
    unreservedFunctions: async () => 1000,
    eventSource: async () => 'Enabled',
    rule: async () => ({ state: 'ENABLED', targets: ['Target0'] }),
    queue: async url => ({ url, arn: url, messages: 0, visible: 0, deadLetters: deadLettersOf(trust) }),
    alarms: async names => names.map(name => ({ name, state: 'OK', hasActions: true })),
    maximum: async () => undefined,
    subscriptions: async () => ({ confirmed: 1, pending: 0 }),
    key: async () => ({ state: 'Enabled' }),
    functionState: async () => ({ state: 'Active' }),
    trails: async () => [{ name: 'account', isLogging: true, management: ALL_EVENTS }],
    knownImages: async () => ({ images: new Map(), slots: undefined }),
    async *repositories() {
      yield { name: 'team/app', arn: 'arn:aws:ecr:us-east-1:000000000000:repository/team/app' };
    },
    repositoryTags: async () => ({}),
    async *images() {},
    pushedAt: async () => NOW,
    async *referrers() {},
    ...changes,
  };
}

const look = (changes: Partial<DoctorReaders> = {}, signal = NEVER) =>
  examine(trust, healthy(changes), NOW, signal);

function refused(): Error {
  return Object.assign(new Error('Access Denied'), { name: 'AccessDeniedException' });
}

test('a healthy account: every check is answered, and nothing is found', async () => {
  const lines = await look();
  expect(lines.map(({ what }) => what)).toEqual(CHECKS.map(({ what }) => what));
  expect(lines.filter(({ state }) => state !== 'ok')).toEqual([]);
});

const READERS = Object.keys(healthy()) as (keyof DoctorReaders)[];

test.each(READERS.filter(name => !['repositoryTags', 'pushedAt', 'referrers'].includes(name)))(
  'who may not read %s gets all other lines, and which rights lack',
  async name => {
    const lines = await look({
      [name]: () => {
        throw refused();
      },
    });
    const bad = lines.filter(({ state }) => state !== 'ok');
    expect(bad.length).toBeGreaterThan(0);
    expect(bad.length).toBeLessThan(lines.length / 2);
    for (const line of bad) {
      expect(line).toMatchObject({
        state: 'unknown',
        value: expect.stringMatching(/^not allowed to read: \w+:/),
      });
    }
  },
);

test('a reader that never answers: its line says so, and the others are there', async () => {
  const patience = new AbortController();
  const examined = look({ knownImages: () => new Promise<never>(() => undefined) }, patience.signal);
  setImmediate(() => patience.abort(new Error('no answer within 50 seconds')));
  const lines = await examined;
  const unknown = lines.filter(({ state }) => state === 'unknown');
  expect(unknown.map(({ value }) => value)).toContain('not read: Error: no answer within 50 seconds');
  expect(lines.filter(({ state }) => state === 'ok').map(({ what }) => what)).toEqual(
    expect.arrayContaining(['keys', 'subscribers of alerts']),
  );
});

/** A repository with images that the register knows, the last one excepted. */
function account(count: number) {
  const names = Array.from({ length: count }, (_, at) =>
    imageName({
      ...HOME,
      repository: `team/app-${at % 100}`,
      digest: `sha256:${at.toString(16).padStart(64, '0')}`,
    }),
  );
  const rows = names.slice(0, -1).map((pk): KnownImage => ({
    pk,
    kind: 'image',
    signature: { at: NOW.toISOString(), withoutTag: 'taken' },
    verdict: {
      outcome: 'PASS',
      scannedAt: NOW.toISOString(),
      validUntil: minutes(60).toISOString(),
      databaseUpdatedAt: NOW.toISOString(),
    },
  }));
  return {
    knownImages: async () => ({ images: new Map(rows.map(row => [row.pk, row])), slots: undefined }),
    async *repositories() {
      for (let at = 0; at < 100; at++) yield { name: `team/app-${at}`, arn: `arn:${at}` };
    },
    async *images(repository: string) {
      for (let at = Number(repository.split('-')[1]); at < count; at += 100) {
        yield { digest: names[at]!.split('@')[1]!, tags: ['v1'], pushedAt: minutes(-60) };
      }
    },
  };
}

const TYPE = 'dev.sigstore.bundle.predicateType';
const SIGNATURE = {
  digest: 'x',
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  annotations: { [TYPE]: 'https://sigstore.dev/cosign/sign/v1' },
};
const SBOM = { ...SIGNATURE, annotations: { [TYPE]: 'https://cyclonedx.org/bom' } };

test.each<[string, Referrer[], string]>([
  ['its signature', [SIGNATURE], 'ok'],
  ['its signature behind an attestation', [SBOM, SIGNATURE], 'ok'],
  ['an attestation only', [SBOM], 'found'],
  ['a bundle that does not say of what', [{ ...SIGNATURE, annotations: undefined }], 'found'],
  ['something of another type that says so', [{ ...SIGNATURE, artifactType: 'application/json' }], 'found'],
  ['nothing', [], 'found'],
])('signatures in the registry: an image to which refers %s', async (_, referrers, state) => {
  const lines = await look({
    ...account(2),
    async *referrers() {
      yield* referrers;
    },
  });
  expect(lines.find(({ what }) => what === 'signatures in the registry')).toMatchObject({ state });
});

test('10,000 images: one without a verdict is found, and no more calls run at once than may', async () => {
  let [atOnce, most, calls] = [0, 0, 0];
  const lines = await look({
    ...account(10_000),
    async *referrers() {
      most = Math.max(most, ++atOnce);
      calls += 1;
      await new Promise(setImmediate);
      atOnce -= 1;
      yield SIGNATURE;
    },
  });
  expect(lines.filter(({ state }) => state !== 'ok').map(({ what, value }) => [what, value])).toEqual([
    ['builds at once', expect.stringMatching(/; 9999 renewals a day of 5040 .* 10 at once: 198 %$/)],
    ['pushes heard', expect.stringMatching(/^1 not heard: team\/app-99@sha256:0+ 60 minutes ago; /)],
    ['images with a verdict', expect.stringMatching(/^1 without one: .*; 10000 images in 100 repositories$/)],
  ]);
  expect([calls, most]).toEqual([20, AtOnce.queries]);
});

test('an account with more images than are looked at says so', async () => {
  const lines = await look(account(Limit.doctorImages + 100));
  expect(lines.find(({ what }) => what === 'images with a verdict')!.value).toContain(
    `${Limit.doctorImages} images in 100 repositories; there are more, which were not looked at`,
  );
});

test('a queue of scan requests that lies elsewhere: nobody knows what waits', async () => {
  const resources = trust.resources.filter(({ type }) => type !== 'AWS::SQS::Queue');
  const lines = await examine({ ...trust, resources }, healthy(), NOW, NEVER);
  expect(lines.filter(({ what }) => what.startsWith('oldest waiting')).map(({ state }) => state)).toEqual([
    'unknown',
    'unknown',
  ]);
});

const MUST_BE_THERE = [
  ['event sources of functions', 'event sources'],
  ['event rules', 'event rules'],
  ['dead letters', 'dead-letter queues'],
  ['actions of alarms', 'alarms'],
  ['alarms', 'alarms'],
  ['databases in Amazon ECR', 'builds'],
] as const;

/** Its functions name a register of another stack, so that no logical id tells its construct. */
async function withRegisterElsewhere(): Promise<DeployedTrust> {
  const template = JSON.stringify(trustStack().template.toJSON()).replace(
    /\{"Ref":"TrustRegister[0-9A-F]{8}"\}/g,
    '{"Ref":"RegisterName"}',
  );
  const parameters = new Map([['RegisterName', 'register']]);
  return findTrust({ stack: 'Test', environment: {} }, deployed(JSON.parse(template), { parameters }));
}

test.each(MUST_BE_THERE)('%s: none in this stack is no answer', async (what, named) => {
  const lines = await examine(await withRegisterElsewhere(), healthy(), NOW, NEVER);
  expect(lines.find(line => line.what === what)).toMatchObject({
    state: 'unknown',
    value: `no ${named} of the trust were found in this stack`,
    remedy: expect.stringContaining(`ask the stack in which its ${named} are: --stack NAME; `),
  });
});

const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
test.each<[string, VulnerabilityDatabase, string[], string]>([
  [
    'through a pull-through cache',
    VulnerabilityDatabase.fromPullThroughCache(PullThroughCache.fromPrefix('ecr-public')),
    ['ecr-public/aquasecurity/trivy-db 2', 'ecr-public/aquasecurity/trivy-java-db 1'],
    `${REGISTRY}/ecr-public/aquasecurity/trivy-db:2 (not there), ${REGISTRY}/ecr-public/aquasecurity/trivy-java-db:1 (not there)`,
  ],
  [
    'in a mirror of this account',
    VulnerabilityDatabase.fromRepositories({ vulnerabilities: [`${REGISTRY}/mirror/trivy-db:2`] }),
    ['mirror/trivy-db 2'],
    `${REGISTRY}/mirror/trivy-db:2 (not there)`,
  ],
  [
    'in another region',
    VulnerabilityDatabase.fromRepositories({
      vulnerabilities: [`${REGISTRY.replace('us-east-1', 'us-east-2')}/mirror/trivy-db:2`],
    }),
    [],
    'none: builds use other registries, which are not asked',
  ],
])('databases %s', async (_, database, asked, value) => {
  const { template } = trustStack({ database });
  const of = await findTrust({ stack: 'Test', environment: {} }, deployed(template.toJSON()));
  const pushes: string[] = [];
  const readers = healthy({
    pushedAt: async (repository, { imageTag }) => {
      pushes.push(`${repository} ${imageTag}`);
      return undefined;
    },
  });
  const lines = await examine(of, readers, NOW, NEVER);
  expect(pushes).toEqual(asked);
  expect(lines.find(({ what }) => what === 'databases in Amazon ECR')).toMatchObject({
    state: asked.length === 0 ? 'ok' : 'found',
    value,
  });
});

test('what several checks need is read once', async () => {
  const reads: string[] = [];
  const counted = (name: string) => async () => {
    reads.push(name);
    return { images: new Map(), slots: undefined };
  };
  await look({ knownImages: counted('register') });
  expect(reads).toEqual(['register']);
});

test('the policy on the page has the rights that the checks name, and those to find the stack', () => {
  const [policy] = blocksOf({ file: 'docs/command-line.md', text: page('docs/command-line.md') })
    .filter(({ language, code }) => language === 'json' && code.includes('servicequotas:'))
    .map(({ code }) => JSON.parse(code) as { Statement: { Action: string[] }[] });
  const allowed = policy!.Statement.flatMap(({ Action }) => Action).sort();
  const reading = new Reading(trust, healthy(), NOW, NEVER);
  const needed = CHECKS.flatMap(({ needs }) => needs(reading).map(({ action }) => action));
  const toFindIt = ['DescribeStacks', 'GetTemplate', 'ListStackResources'].map(
    name => `cloudformation:${name}`,
  );
  expect(allowed).toEqual([...new Set([...needed, ...toFindIt])].sort());
});

test('every check is on the page, in the same order', () => {
  const text = page('docs/command-line.md');
  const table = text.slice(
    text.indexOf('| check | what it looks at |'),
    text.indexOf('This is all that it needs'),
  );
  const rows = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, what]) => what);
  expect(rows).toEqual(CHECKS.map(({ what }) => what));
});
