import type { Context, SQSEvent } from 'aws-lambda';
import { EnvironmentName } from '../../../src/core/environment';
import type { RevocationEvent } from '../../../src/core/events/revocation-events';
import { imageOf } from '../../../src/core/image/image';
import type { RegisterRow } from '../../../src/core/register/row';
import { newRow } from '../../../src/core/register/row';
import type { StoredImage } from '../../../src/core/revocation/archive';
import type { StartableInventory } from '../../../src/core/revocation/definitions';
import { grantKey, type Grant } from '../../../src/core/trust/grant';
import { blocksOf, page } from '../../docs/markdown';
import { sqsEvent } from '../../support/sqs-event';

/** The handlers as they are deployed, but for what they read and write, with the events of the docs. */
const EVENTS = new Map(
  blocksOf({ file: 'docs/events/README.md', text: page('docs/events/README.md') })
    .filter(({ language }) => language === 'json')
    .map(({ code }) => JSON.parse(code) as { 'detail-type': string; detail: any })
    .map(event => [event['detail-type'], event]),
);
const IMAGE = EVENTS.get('Image Revoked')!.detail.image as string;
const VERDICT = EVENTS.get('Image Revoked')!.detail.verdictId as string;

let row: RegisterRow;
let stored: StoredImage;
let published: RevocationEvent[];
let calls: string[];
let timeLeft: number;
let startable: Pick<StartableInventory, 'definitions' | 'unknown'>;
/** The rows of each table. */
let grants: Record<string, unknown[]>;

jest.mock('../../../adapters/aws/trust-register', () => ({
  TrustRegister: class {
    public load = async () => row;
    public all = async function* () {
      yield row;
    };
  },
}));
jest.mock('../../../adapters/aws/ecr-archive', () => ({
  EcrArchive: class {
    public look = async () => stored;
    public archived = async function* () {
      if (stored.status === 'ARCHIVED') yield imageOf(row.pk).digest;
    };
    public archive = async (image: string) => calls.push(`archive ${image}`);
    public restore = async (image: string) => calls.push(`restore ${image}`);
  },
}));
jest.mock('../../../adapters/aws/bases-row', () => ({
  BasesRow: class {
    public load = async () => ({ images: [] });
  },
}));
jest.mock('../../../adapters/aws/ecr-registry', () => ({
  EcrRegistry: class {
    public find = async () => undefined;
    public referrers = async function* () {
      calls.push('referrers');
      yield* [];
    };
    public remove = async () => [];
  },
}));
jest.mock('../../../adapters/aws/kms-keys', () => ({
  KmsKeys: class {
    public all = async () => [];
  },
}));
jest.mock('../../../adapters/aws/running-images', () => ({
  RunningImages: class {
    public list = async () => ({ running: [], unknown: [] });
  },
}));
jest.mock('../../../adapters/aws/newest-definitions', () => ({
  NewestDefinitions: class {
    public list = async () => startable;
  },
}));
jest.mock('../../../adapters/aws/grants-table', () => ({
  GrantsTable: class {
    constructor(private readonly table: string) {}
    public async *all() {
      yield* grants[this.table] ?? [];
    }
  },
}));
jest.mock('../../../adapters/aws/sent-alerts', () => ({
  SentAlerts: class {
    public during = () => undefined;
    public once = (_key: string, send: () => Promise<void>) => send();
  },
}));
jest.mock('../../../adapters/aws/event-bus', () => ({
  EventBus: class {
    public publish = async (event: RevocationEvent) => {
      published.push(event);
    };
  },
}));

type Handler = (event: SQSEvent, context: Context) => Promise<{ batchItemFailures: object[] }>;
let archive: Handler;
let withdraw: Handler;

beforeAll(() => {
  for (const name of Object.values(EnvironmentName)) process.env[name] = '1';
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    [EnvironmentName.alertTopics]: '[]',
    [EnvironmentName.archiveGraceSeconds]: '604800',
    [EnvironmentName.grants]: 'Grants,OtherGrants',
    [EnvironmentName.imagesInUse]: 'KEEP',
    [EnvironmentName.repositories]: JSON.stringify([{ by: 'name', name: imageOf(IMAGE).repository }]),
    [EnvironmentName.urlSuffix]: 'amazonaws.com',
    [EnvironmentName.pinnedKeys]: '[{"arn":"arn:aws:kms:eu-west-1:111122223333:key/1"}]',
  });
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
  for (const level of ['info', 'log', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockReturnValue(undefined);
  }
  ({ handler: archive } = jest.requireActual('../../../lambda/revocation/archive-images.lambda'));
  ({ handler: withdraw } = jest.requireActual('../../../lambda/revocation/withdraw-signatures.lambda'));
});
afterAll(() => jest.restoreAllMocks());

const judged = (outcome: 'PASS' | 'FAIL', more: Partial<RegisterRow> = {}): RegisterRow => ({
  ...newRow(IMAGE),
  kind: 'image',
  verdict: { outcome, verdictId: VERDICT, evaluatedAt: '2026-01-01T00:00:00.000Z', worst: [] } as never,
  ...more,
});

beforeEach(() => {
  row = judged('FAIL');
  stored = { status: 'ACTIVE', tags: [] };
  published = [];
  calls = [];
  timeLeft = 900_000;
  startable = { definitions: [], unknown: [] };
  grants = {};
});

const send = (handler: Handler, body: unknown) => {
  const { account, region } = imageOf(IMAGE);
  const context = {
    invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:it`,
    getRemainingTimeInMillis: () => timeLeft,
  };
  return handler(sqsEvent([body]), context as Context);
};
const told = () => published.map(({ detailType }) => detailType);

test('the message of the schedule archives what is refused for long', async () => {
  expect(await send(archive, { daily: true })).toEqual({ batchItemFailures: [] });
  expect(calls).toEqual([`archive ${IMAGE}`]);
  expect(told()).toEqual(['Image Archived']);
});

test.each<[string, typeof startable]>([
  [
    'what a definition names',
    { definitions: [{ arn: 'job/1', images: [{ reference: named() }] }], unknown: [] },
  ],
  ['anything, if the definitions are not known', { definitions: [], unknown: ['no answer'] }],
])('the message of the schedule does not archive %s', async (_what, found) => {
  startable = found;
  expect(await send(archive, { daily: true })).toEqual({ batchItemFailures: [] });
  expect(calls).toEqual([]);
});

test('nor what an active grant allows, in any table of the trust', async () => {
  const grant = living();
  grants = { OtherGrants: [{ not: 'a grant' }, grant] };
  await send(archive, { daily: true });
  expect(calls).toEqual([]);
  grants = { OtherGrants: [{ ...grant, endedAt: grant.grantedAt }] };
  await send(archive, { daily: true });
  expect(calls).toEqual([`archive ${IMAGE}`]);
});

function named(): string {
  const { account, region, repository, digest } = imageOf(IMAGE);
  return `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${digest}`;
}

function living(): Grant {
  const scope = imageOf(IMAGE).account;
  return {
    pk: grantKey({ image: IMAGE, scope }),
    schema: 1,
    grantId: VERDICT,
    image: IMAGE,
    scope,
    grantedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    grantedBy: 'arn:aws:sts::000000000000:assumed-role/on-call/anna',
    justification: 'an outage',
    ticket: 'OPS-1',
  };
}

test('a run that would be ended soon leaves the rest to the next one', async () => {
  timeLeft = 60_000;
  expect(await send(archive, { daily: true })).toEqual({ batchItemFailures: [] });
  expect(calls).toEqual([]);
});

test('the message of the schedule restores what passes, if its event was lost', async () => {
  row = { ...judged('PASS'), revokedBy: VERDICT };
  stored = { status: 'ARCHIVED', tags: [] };
  await send(archive, { daily: true });
  expect(told()).toEqual(['Image Restored']);
});

test.each([{ daily: true }, EVENTS.get('Image Verdict')])(
  'an image of a repository that is not selected is left alone: %#',
  async message => {
    row = { ...judged('PASS'), pk: IMAGE.replace('/', '/other/'), revokedBy: VERDICT };
    stored = { status: 'ARCHIVED', tags: [] };
    const { pk } = row;
    const body = 'detail' in message! ? { ...message, detail: { ...message.detail, image: pk } } : message;
    expect(await send(archive, body)).toEqual({ batchItemFailures: [] });
    expect(calls).toEqual([]);
  },
);

test('a PASS restores an archived image', async () => {
  row = judged('PASS');
  stored = { status: 'ARCHIVED', tags: [] };
  await send(archive, EVENTS.get('Image Verdict'));
  expect(told()).toEqual(['Image Restored']);
});

test('so does a report that would pass and is too old to say so', async () => {
  row = judged('FAIL', { lastFailedScan: { cause: 'REPORT_OUTDATED' } as never });
  stored = { status: 'ARCHIVED', tags: [] };
  await send(archive, EVENTS.get('Image Scan Failed'));
  expect(told()).toEqual(['Image Restored']);
});

test.each(['Image Verdict', 'Image Scan Failed', 'Image Revoked'])(
  'rule 4.1, messages are hints: %s restores nothing that a verdict refuses',
  async type => {
    stored = { status: 'ARCHIVED', tags: [] };
    expect(await send(archive, EVENTS.get(type))).toEqual({ batchItemFailures: [] });
    expect(calls).toEqual([]);
  },
);

test('a revocation is looked at, and its event says what was found', async () => {
  row = judged('FAIL', { revokedBy: VERDICT });
  expect(await send(withdraw, EVENTS.get('Image Revoked'))).toEqual({ batchItemFailures: [] });
  expect(calls.length).toBeGreaterThan(0);
  expect(published).toMatchObject([{ detailType: 'Image Signatures Withdrawn', detail: { removed: [] } }]);
});

test.each(['Image Verdict', 'Image Trusted'])('%s withdraws nothing', async type => {
  row = judged('FAIL', { revokedBy: VERDICT });
  await send(withdraw, EVENTS.get(type));
  expect([calls, published]).toEqual([[], []]);
});
