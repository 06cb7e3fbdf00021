import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { cloud, emulator } from './cloud';
import { deploy } from './cloud-fixtures';
import { CommandLine, credentialsWith, sessionWith } from './command-line';
import { Gates, type Answered } from './gates-fixtures';
import { onlyEmulated } from './only-emulated';
import {
  documents,
  listen,
  makeRepository,
  nameOf,
  push,
  quickstart,
  resource,
  rowOnce,
  type Listener,
} from './quickstart';
import { clientsAs } from '../../local/cloud/assume-role';
import { awsClients } from '../../local/cloud/aws-clients';
import { addDays, dayOf } from '../../src/core/waivers/life';
import { roleStatements, trustStack } from '../support/synthesise';

onlyEmulated('hooks and jobs are those of the embedded cloud, and a row is made to expire');

const REFUSED = {
  failed: 'it does not pass policy (1 violation',
  revoked: 'it was trusted, and a later verdict refused it (1 violation',
  expired: 'its trust has expired',
  unknown: 'it has not been judged yet',
} as const;
type State = 'trusted' | keyof typeof REFUSED;

const NAMED = /amazonaws\.com\/(.+)@(.+)/;

let gates: Gates;
let images: Record<State, string>;
let alerts: Listener;

beforeAll(async () => {
  await quickstart();
  [gates, images] = await Promise.all([Gates.deploy(), makeImages()]);
  alerts = await listen({ topicArn: gates.topicArn });
  // the gates believe it as long as its waiver holds, and one evaluation later they do not
  expect((await gates.cloudFormation(images.revoked)).admitted).toBe(true);
  const waiverRevision = await takeWaiverBack(images.revoked);
  await expire(images.expired, waiverRevision);
});
afterAll(() => gates?.destroy());

describe.each(['trusted', ...Object.keys(REFUSED)] as State[])('an image that is %s', state => {
  const expected = (answered: Answered) =>
    state === 'trusted'
      ? expect(answered.admitted).toBe(true)
      : expect(answered).toEqual({ admitted: false, says: expect.stringContaining(REFUSED[state]) });

  test('rule 5.7, fail closed: the hook of CloudFormation answers its documented payload', async () => {
    expected(await gates.cloudFormation(images[state]));
  });

  test('rule 5.7, fail closed: Amazon ECS starts its tasks, or rolls the service back and the team is told why', async () => {
    expect((await gates.ecs(images[state])).admitted).toBe(state === 'trusted');
    if (state === 'trusted') return;
    const [, repository, digest] = NAMED.exec(images[state])!;
    await alerts.until(body => body.includes(`${repository}@${digest} is refused: ${REFUSED[state]}`));
  });

  test('rule 5.7, fail closed: CodePipeline is told to go on, or why not', async () => {
    expected(await gates.pipeline({ images: [images[state]] }));
  });
});

test('rule 5.7, fail closed: a stack of authors who do not know the gate is refused by its hook, and says why; then it is deployed', async () => {
  const stack = (image: string) => ({
    Resources: {
      Tasks: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          ContainerDefinitions: [{ Name: 'web', Image: { 'Fn::Join': ['@', image.split('@')] } }],
        },
      },
    },
  });
  await expect(deploy(stack(images.failed))).rejects.toThrow(/ROLLBACK/);
  const { StackEvents = [] } = await eventsOfLast();
  expect(StackEvents.map(each => each.ResourceStatusReason).join()).toContain(REFUSED.failed);
  await deploy(stack(images.trusted));
});

test.each<[string, (Image: string) => object]>([
  ['AWS::Lambda::Function', Image => ({ PackageType: 'Image', Code: { ImageUri: Image } })],
  ['AWS::Batch::JobDefinition', Image => ({ Type: 'container', ContainerProperties: { Image } })],
])('rule 5.7, fail closed: the hook of CloudFormation judges an %s too', async (type, properties) => {
  expect((await gates.cloudFormationResource(type, properties(images.trusted))).admitted).toBe(true);
  expect(await gates.cloudFormationResource(type, properties(images.failed))).toEqual({
    admitted: false,
    says: expect.stringContaining(REFUSED.failed),
  });
});

describe('rule 5.7, fail closed: bad input', () => {
  const tag = () => images.trusted.split('@')[0]!;
  const evil = () => images.trusted.replace('.amazonaws.com/', '.amazonaws.com.evil.example/');

  test.each<[string, () => Promise<Answered>, string]>([
    ['a tag for CloudFormation', () => gates.cloudFormation(`${tag()}:v1`), 'it has no digest'],
    [
      'a look-alike host for CloudFormation',
      () => gates.cloudFormation(evil()),
      'it is not in a registry whose images',
    ],
    [
      'a value that is not resolved',
      () => gates.cloudFormation({ Ref: 'Image' }),
      'the gate cannot tell which image it is',
    ],
    [
      'a request without its model',
      () => gates.askHook({ clientRequestToken: '1', actionInvocationPoint: 'CREATE_PRE_PROVISION' }),
      'requestData',
    ],
    ['a look-alike host for Amazon ECS', () => gates.ecs(evil()), '"FAILED"'],
    ['a tag that names nothing', () => gates.ecs(`${tag()}:none`), '"FAILED"'],
    ['a tag for CodePipeline', () => gates.pipeline({ images: [`${tag()}:v1`] }), 'it has no digest'],
    [
      'a look-alike host for CodePipeline',
      () => gates.pipeline({ images: [evil()] }),
      'it is not in a registry whose images',
    ],
    ['parameters without images', () => gates.pipeline({ image: images.trusted }), 'images'],
  ])('%s is refused', async (_, ask, says) => {
    expect(await ask()).toEqual({ admitted: false, says: expect.stringContaining(says) });
  });

  test('a tag that Amazon ECS resolved to a trusted digest is admitted', async () => {
    expect((await gates.ecs(`${tag()}:trusted`)).admitted).toBe(true);
  });

  test('a register that throttles is asked again, and at the last look the image is refused', async () => {
    await emulator().admin('faults', [
      {
        match: { service: 'dynamodb', operation: 'GetItem' },
        status: 400,
        errorCode: 'ThrottlingException',
      },
    ]);
    try {
      expect(await gates.cloudFormation(images.trusted)).toEqual({
        admitted: false,
        says: expect.stringContaining('it could not be looked up'),
      });
    } finally {
      await emulator().admin('faults', undefined, 'DELETE');
    }
    expect((await gates.cloudFormation(images.trusted)).admitted).toBe(true);
  });
});

test('rule 5.3, separation of duties: no gate may write what it reads, or sign', async () => {
  const { RegisterTableName, EvidenceBucketName: Bucket } = await quickstart();
  const tables = [
    RegisterTableName,
    await resource('AWS::DynamoDB::GlobalTable', 'TrustPolicies'),
    await resource('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass'),
  ];
  const KeyId = await resource('AWS::KMS::Key', 'Key');
  for (const role of gates.roles) {
    const { dynamodb, s3, kms } = await clientsAs(cloud(), cloud(), role);
    const Key = { pk: { S: 'x' } };
    for (const tried of [
      ...tables.map(TableName => () => dynamodb.putItem({ TableName, Item: Key })),
      ...tables.map(TableName => () => dynamodb.deleteItem({ TableName, Key })),
      () => s3.putObject({ Bucket, Key: 'verdicts/x', Body: 'x' }),
      () => kms.sign({ KeyId, Message: Buffer.alloc(32), SigningAlgorithm: 'ECDSA_SHA_256' }),
    ]) {
      await expect(tried()).rejects.toThrow(/not authorized|denied/i);
    }
  }
});

describe('rule 5.11, break-glass', () => {
  let cli: CommandLine;
  let onCall: Record<string, string>;

  const run = (command: string, image: string, scope: string, ...more: string[]) =>
    cli.run(['break-glass', command, '--image', image, '--scope', scope, ...more], onCall);
  const grant = (image: string, scope: string) =>
    run(
      'grant',
      image,
      scope,
      '--for',
      '1h',
      '--because',
      'the shop is down for everybody',
      '--ticket',
      'INC-1',
    );

  beforeAll(async () => {
    cli = new CommandLine();
    onCall = await credentialsWith(await onCallRights());
  });
  afterAll(() => cli.close());

  test('a grant lets exactly its image through its scope, every use is told, and it ends', async () => {
    const told = await listen({ topicArn: (await quickstart()).AlertsTopicArn });
    const events = await listen({ eventBusName: await resource('AWS::Events::EventBus', 'TrustEvents') });
    const night = gates.stack('night');
    expect(await grant(images.failed, night)).toMatchObject({ code: 0, err: '' });
    const isOf = (type: string) => (body: string) => body.includes(`"${type}"`) && body.includes(night);
    expect(await events.until(isOf('Break-Glass Granted'))).toMatch(/:assumed-role\/role-[^"]+\/test"/);

    expect((await gates.cloudFormation(images.failed, 'night')).admitted).toBe(true);
    expect(JSON.parse(await events.until(isOf('Break-Glass Used')))).toMatchObject({
      detail: { runner: expect.stringContaining(night), ticket: 'INC-1', reason: 'FAILED' },
    });
    await told.until(body => body.includes(night) && body.includes('INC-1'));

    for (const refused of [
      gates.cloudFormation(images.revoked, 'night'),
      gates.cloudFormation(images.failed, 'nightly'),
      gates.cloudFormation(images.failed),
      gates.pipeline({ images: [images.failed] }),
      gates.ecs(images.failed),
    ]) {
      expect((await refused).admitted).toBe(false);
    }

    expect(await run('end', images.failed, night)).toMatchObject({ code: 0, err: '' });
    expect((await gates.cloudFormation(images.failed, 'night')).admitted).toBe(false);
  });

  test('a service and the function of a pipeline are scopes too; a grant whose hour is over admits nothing', async () => {
    const scopes = [gates.serviceArn, gates.pipelineArn];
    for (const scope of scopes) {
      expect(await grant(images.revoked, scope)).toMatchObject({ code: 0, err: '' });
    }
    expect((await gates.ecs(images.revoked)).admitted).toBe(true);
    expect((await gates.pipeline({ images: [images.revoked] })).admitted).toBe(true);

    const TableName = await resource('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass');
    const [, repository, digest] = NAMED.exec(images.revoked)!;
    const over = new Date(Date.now() - 1000);
    for (const scope of scopes) {
      await documents().update({
        TableName,
        Key: { pk: `${scope}|${nameOf(repository!, digest!)}` },
        UpdateExpression: 'SET grantedAt = :granted, expiresAt = :over',
        ExpressionAttributeValues: {
          ':granted': new Date(over.getTime() - 3_600_000).toISOString(),
          ':over': over.toISOString(),
        },
      });
    }
    expect((await gates.ecs(images.revoked)).admitted).toBe(false);
    expect((await gates.pipeline({ images: [images.revoked] })).admitted).toBe(false);
  });

  test('who may not grant is refused by the URL, and who may grant may do so by the URL only', async () => {
    const stranger = await credentialsWith([
      ...(await onCallRights()).filter(({ Action }) => !Action.includes('lambda:InvokeFunctionUrl')),
    ]);
    const scope = gates.stack('night');
    const args = ['break-glass', 'end', '--image', '*', '--scope', scope];
    expect(await cli.run(args, stranger)).toMatchObject({
      code: 2,
      err: expect.stringContaining('these credentials may not grant'),
    });
    const { lambda } = awsClients({ ...cloud(), credentials: await sessionWith(await onCallRights()) });
    const FunctionName = await resource('AWS::Lambda::Function', 'TrustBreakGlassGranter');
    await expect(lambda.invoke({ FunctionName, Payload: '{}' })).rejects.toThrow(/not authorized/);
  });
});

/** The references of an image in each state, as a task definition names them. */
async function makeImages(): Promise<Record<State, string>> {
  const { account, region } = cloud();
  const of = (repository: string, digest: string) =>
    `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${digest}`;
  const trusted = async (tag: string) => {
    const repository = await makeRepository();
    const digest = await push(repository, 'clean', tag);
    await rowOnce(repository, digest, ({ statement }) => statement !== undefined);
    return { repository, digest };
  };
  const failed = async (repository: string) => {
    const digest = await push(repository, 'fixable-critical');
    await rowOnce(repository, digest, ({ verdict }) => verdict !== undefined);
    return digest;
  };
  const [failing, later] = await Promise.all([makeRepository(), makeRepository()]);
  const [good, old, bad, revoked] = await Promise.all([
    trusted('trusted'),
    trusted('old'),
    failed(failing),
    failed(later),
  ]);
  await waive(later, revoked);
  return {
    trusted: of(good.repository, good.digest),
    expired: of(old.repository, old.digest),
    failed: of(failing, bad),
    revoked: of(later, revoked),
    unknown: of(good.repository, `sha256:${'0'.repeat(64)}`),
  };
}

async function expire(image: string, afterWaivers: number): Promise<void> {
  const [, repository, digest] = NAMED.exec(image)!;
  await rowOnce(repository!, digest!, ({ waiverRevision }) => waiverRevision === afterWaivers);
  await documents().update({
    // as the administrator: nobody waits until it expires
    TableName: (await quickstart()).RegisterTableName,
    Key: { pk: nameOf(repository!, digest!) },
    UpdateExpression: 'SET verdict.validUntil = :over',
    ExpressionAttributeValues: { ':over': new Date(Date.now() - 1000).toISOString() },
  });
}

async function waive(repository: string, digest: string): Promise<void> {
  await writeWaivers(
    [
      'version: 1',
      'waivers:',
      '  - id: CVE-2021-44906',
      `    repositories: [${repository}]`,
      '    owner: platform@example.com',
      '    reason: The parser never sees what users send, and the next release drops it.',
      `    expires: ${addDays(dayOf(new Date()), 2)}`,
      '',
    ].join('\n'),
  );
  await rowOnce(repository, digest, ({ statement }) => statement !== undefined);
}

async function takeWaiverBack(image: string): Promise<number> {
  const [, repository, digest] = NAMED.exec(image)!;
  await writeWaivers('version: 1\nwaivers: []\n');
  const row = await rowOnce(repository!, digest!, ({ revokedBy }) => revokedBy !== undefined);
  return row.waiverRevision;
}

async function writeWaivers(Body: string): Promise<void> {
  const Bucket = await resource('AWS::S3::Bucket', 'TrustWaivers');
  await cloud().s3.putObject({ Bucket, Key: 'waivers.yaml', Body });
}

async function eventsOfLast() {
  const { StackSummaries = [] } = await cloud().cloudformation.listStacks({
    StackStatusFilter: ['ROLLBACK_COMPLETE'],
  });
  const last = StackSummaries.filter(({ StackName }) => StackName!.startsWith('stack-')).at(-1);
  return cloud().cloudformation.describeStackEvents({ StackName: last!.StackName });
}

/** What `grantBreakGlass` gives, of the function that is deployed, and what the command line reads. */
async function onCallRights(): Promise<{ Effect: string; Action: string[]; Resource: string }[]> {
  const { region, account } = cloud();
  const name = await resource('AWS::Lambda::Function', 'TrustBreakGlassGranter');
  const { stack, trust } = trustStack();
  trust.breakGlass!.grantBreakGlass(
    new Role(stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
  );
  return [
    ...roleStatements(Template.fromStack(stack))
      .get('OnCall')!
      .map(({ actions, condition }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: `arn:aws:lambda:${region}:${account}:function:${name}`,
        ...(condition !== undefined && { Condition: condition as object }),
      })),
    { Effect: 'Allow', Action: ['cloudformation:*'], Resource: '*' },
  ];
}
