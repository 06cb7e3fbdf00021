import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { cloud, emulator } from './cloud';
import { deploy } from './cloud-fixtures';
import { CommandLine, credentialsWith, sessionWith } from './command-line';
import { eventually } from './eventually';
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
import { STACK } from '../../local/quickstart';
import { addDays, dayOf } from '../../src/core/waivers/life';
import { callEvent, taskEvent } from '../core/running/events';
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

/** With an image that is trusted until its waiver ends. */
let waived: string;
/** What the trust publishes. */
let events: Listener;

const isAdmitted = (image: string) =>
  Promise.all([gates.cloudFormation(image), gates.ecs(image), gates.pipeline({ images: [image] })]).then(
    answers => answers.map(({ admitted }) => admitted),
  );

beforeAll(async () => {
  await quickstart();
  [gates, images] = await Promise.all([Gates.deploy(), makeImages()]);
  alerts = await listen({ topicArn: gates.topicArn });
  events = await listen({ eventBusName: await resource('AWS::Events::EventBus', 'TrustEvents') });
  waived = await deploy(tasks(images.revoked, images.trusted));
  // every gate believes the waiver, and one evaluation after its end none does: see the states below
  expect(await isAdmitted(images.revoked)).toEqual([true, true, true]);
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

  test('rule 5.7, fail closed: so it does where the payload is too large and lies in Amazon S3', async () => {
    expected(await gates.cloudFormationByPointer(images[state]));
  });

  test('rule 5.7, fail closed: Amazon ECS starts its tasks, or EcsDeploymentGate refuses ecs:UpdateService, ECS rolls it back and the team is told why', async () => {
    expect((await gates.ecs(images[state])).admitted).toBe(state === 'trusted');
    if (state === 'trusted') return;
    const [, repository, digest] = NAMED.exec(images[state])!;
    await alerts.until(body => body.includes(`${repository}@${digest} is refused: ${REFUSED[state]}`));
  });

  test('rule 5.7, fail closed: CodePipeline is told to go on, or PipelineGate refuses a later stage of AWS CodePipeline, in whichever way', async () => {
    expected(await gates.pipeline({ images: [images[state]] }));
  });
});

describe('a stack of authors who do not know the gate', () => {
  test('rule 5.7, fail closed: is refused by the hook, says why, and is deployed with another image', async () => {
    const template = tasks(images.trusted, images.failed);
    const ended = await deploy(template).catch((error: unknown) => String(error));
    const [, refused] = /stack (\S+) ended with ROLLBACK_COMPLETE/.exec(ended)!;
    expect(await reasonsOf(refused!)).toContain(REFUSED.failed);

    const good = tasks(images.trusted, images.trusted);
    const { TemplateBody } = await cloud().cloudformation.getTemplate({ StackName: await deploy(good) });
    expect(JSON.parse(TemplateBody!)).toEqual(good); // the gateway hides how it asks
  });

  test.each<[string, object]>([
    [
      'CloudFormationGate refuses a service of Amazon ECS, by a stack',
      {
        Type: 'AWS::ECS::Service',
        Properties: { Cluster: { Ref: 'Cluster' }, TaskDefinition: { Ref: 'Second' }, DesiredCount: 1 },
      },
    ],
    [
      'CloudFormationGate refuses a scheduled task, by a stack',
      {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: 'rate(1 day)',
          Targets: [
            {
              Id: 'task',
              Arn: { 'Fn::GetAtt': ['Cluster', 'Arn'] },
              RoleArn: 'arn:aws:iam::000000000000:role/scheduled-tasks',
              EcsParameters: { TaskDefinitionArn: { Ref: 'Second' } },
            },
          ],
        },
      },
    ],
  ])('%s: it is not even made', async (_, Runs) => {
    const template = (image: string) => {
      const { Resources } = tasks(images.trusted, image);
      return { Resources: { ...Resources, Cluster: { Type: 'AWS::ECS::Cluster' }, Runs } };
    };
    const ended = await deploy(template(images.failed)).catch((error: unknown) => String(error));
    const [, refused] = /stack (\S+) ended with ROLLBACK_COMPLETE/.exec(ended)!;
    expect(await reasonsOf(refused!)).toContain(REFUSED.failed);
    expect(await wasMade('Runs', refused!)).toBe(false);
    expect(await wasMade('Runs', await deploy(template(images.trusted)))).toBe(true);
  });

  test('rolls back to an image that was revoked since, and the team is told', async () => {
    await deploy(tasks(images.trusted, images.failed), waived).catch(() => undefined);
    const status = await eventually('the end of the rollback', async () => {
      const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: waived });
      return /^UPDATE_.*(?:COMPLETE|FAILED)$/.exec(Stacks![0]!.StackStatus!)?.[0];
    });
    expect([status, await reasonsOf(waived)]).toEqual([
      'UPDATE_ROLLBACK_COMPLETE',
      expect.stringContaining(REFUSED.failed),
    ]);
    const alert = await alerts.until(body => body.includes('deployed without trust: First of the stack'));
    expect(alert).toContain(REFUSED.revoked);
  });
});

test.each<[string, string, (Image: string) => object]>([
  [
    'CloudFormationGate refuses a function of AWS Lambda, by a stack',
    'AWS::Lambda::Function',
    Image => ({ PackageType: 'Image', Code: { ImageUri: Image } }),
  ],
  [
    'CloudFormationGate refuses a job of AWS Batch, by a stack',
    'AWS::Batch::JobDefinition',
    Image => ({ Type: 'container', ContainerProperties: { Image } }),
  ],
  [
    'CloudFormationGate refuses a service of Amazon ECS in Express Mode, by a stack',
    'AWS::ECS::ExpressGatewayService',
    Image => ({ PrimaryContainer: { Image } }),
  ],
  [
    'CloudFormationGate refuses a service of App Runner, by a stack',
    'AWS::AppRunner::Service',
    ImageIdentifier => ({
      SourceConfiguration: { ImageRepository: { ImageIdentifier, ImageRepositoryType: 'ECR' } },
    }),
  ],
  [
    'CloudFormationGate refuses a model of Amazon SageMaker, by a stack',
    'AWS::SageMaker::Model',
    Image => ({ PrimaryContainer: { Image } }),
  ],
  [
    'CloudFormationGate refuses a project of AWS CodeBuild, by a stack',
    'AWS::CodeBuild::Project',
    Image => ({ Environment: { Type: 'LINUX_CONTAINER', Image } }),
  ],
])('%s (rule 5.7, fail closed)', async (_, type, properties) => {
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
    ['a tag of a trusted image for Amazon ECS', () => gates.ecs(`${tag()}:trusted`), '"FAILED"'],
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

  test('a variable of a pipeline cannot hide another image', async () => {
    const named = (text: string) => gates.pipelineText(`{"count":2,"images":["${images.failed}","${text}"]}`);
    const hides = `x"],"images":["${images.trusted}","${images.trusted}`;
    expect(await named(hides)).toEqual({
      admitted: false,
      says: expect.stringContaining('can be read in two ways'),
    });
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

describe('what runs past every gate', () => {
  let runs: Awaited<ReturnType<Gates['runPast']>>;
  beforeAll(async () => {
    runs = await gates.runPast(images.revoked);
  });

  const task = (image: string, group: string) => {
    const [reference, imageDigest] = image.split('@');
    const { cluster: clusterArn, task: taskArn, taskDefinition: taskDefinitionArn } = runs;
    return taskEvent([{ image: reference, imageDigest }], { clusterArn, taskArn, taskDefinitionArn, group });
  };

  test('rule 5.12, watchers: a task of a revoked image is an alert, and one of a trusted image is none', async () => {
    await gates.happens(task(images.trusted, 'service:good'));
    await gates.happens(task(images.revoked, 'service:bad'));
    const alert = await alerts.until(body => body.includes('runs without trust: service bad'));
    expect(alert).toContain(REFUSED.revoked);
    expect(alerts.all().filter(body => body.includes('service good'))).toEqual([]);
  });

  test.each<[string, () => object]>([
    [
      'ecs:UpdateService',
      () => {
        const service = {
          serviceName: 'past',
          serviceArn: runs.service,
          taskDefinition: runs.taskDefinition,
        };
        return callEvent('ecs', 'UpdateService', { service: runs.service }, { service });
      },
    ],
    [
      'lambda:UpdateFunctionCode',
      () => {
        const is = { functionArn: runs.function, packageType: 'Image' };
        return callEvent('lambda', 'UpdateFunctionCode20150331v2', { functionName: runs.function }, is);
      },
    ],
  ])('rule 5.12, watchers: of %s the service is asked which image it runs', async (way, event) => {
    await gates.happens(event());
    expect(await alerts.until(body => body.includes(`how: ${way}`))).toContain(REFUSED.revoked);
  });

  test('rule 5.12, watchers: where a revoked image runs is told, and published', async () => {
    const { tableName, eventBusName, topicArn } = gates.watched;
    const [team, located] = await Promise.all([listen({ topicArn }), listen({ eventBusName })]);
    const [, repository, digest] = NAMED.exec(images.revoked)!;
    const Key = { pk: nameOf(repository!, digest!) };
    const { Item } = await documents().get({ TableName: (await quickstart()).RegisterTableName, Key });
    await documents().put({ TableName: tableName, Item });
    const isIt = (body: string) =>
      body.includes('"Image Revoked"') && body.includes(`${repository}@${digest}`);
    const { source, detail } = JSON.parse(await events.until(isIt)) as { source: string; detail: object };
    await cloud().events.putEvents({
      Entries: [
        {
          EventBusName: eventBusName,
          Source: source,
          DetailType: 'Image Revoked',
          Detail: JSON.stringify(detail),
        },
      ],
    });
    const event = JSON.parse(await located.until(body => body.includes('"Revoked Image Located"'))) as {
      detail: { places: { kind: string; arn: string }[]; unknownCount: number };
    };
    expect(event.detail.unknownCount).toBe(0);
    expect(event.detail.places).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'ECS_SERVICE', arn: runs.service }),
        expect.objectContaining({ kind: 'ECS_TASK', arn: runs.task }),
        expect.objectContaining({ kind: 'LAMBDA_FUNCTION', arn: expect.stringContaining(runs.function) }),
      ]),
    );
    expect(await team.until(body => body.includes('revoked, runs in'))).toContain(runs.service);
  });
});

test('rule 5.3, separation of duties: no gate may write what it reads, or sign', async () => {
  const { RegisterTableName, EvidenceBucketName: Bucket } = await quickstart();
  const grants = await resource('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass');
  const tables = [RegisterTableName, await resource('AWS::DynamoDB::GlobalTable', 'TrustPolicies'), grants];
  const KeyId = await resource('AWS::KMS::Key', 'Key');
  for (const role of gates.roles) {
    const { dynamodb, s3, kms } = await clientsAs(cloud(), cloud(), role);
    const key = { pk: { S: 'x' } };
    const grantsKey = { ...key, grantId: { S: 'x' } };
    const keys = tables.map(TableName => ({ TableName, Key: TableName === grants ? grantsKey : key }));
    for (const tried of [
      ...keys.map(
        ({ TableName, Key: Item }) =>
          () =>
            dynamodb.putItem({ TableName, Item }),
      ),
      ...keys.map(each => () => dynamodb.deleteItem(each)),
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
  const list = async (...more: string[]) => {
    const listed = await cli.run(['break-glass', 'list', ...more], onCall);
    expect(listed).toMatchObject({ code: 0, err: '' });
    return listed.out;
  };
  const grant = (image: string, scope: string, ...more: string[]) =>
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
      ...more,
    );

  beforeAll(async () => {
    cli = new CommandLine();
    onCall = await credentialsWith(await onCallRights());
  });
  afterAll(() => cli.close());

  test('a grant lets exactly its image through its scope, every use is told, and it ends', async () => {
    const told = await listen({ topicArn: (await quickstart()).AlertsTopicArn });
    const night = gates.stack('night');
    expect(await grant(images.failed, night)).toMatchObject({ code: 0, err: '' });
    const isOf = (type: string) => (body: string) => body.includes(`"${type}"`) && body.includes(night);
    expect(await events.until(isOf('Break-Glass Granted'))).toMatch(/:assumed-role\/role-[^"]+\/test"/);

    expect((await gates.cloudFormation(images.failed, 'night')).admitted).toBe(true);
    expect(JSON.parse(await events.until(isOf('Break-Glass Used')))).toMatchObject({
      detail: { runner: expect.stringContaining(night), ticket: 'INC-1', reason: 'FAILED' },
    });
    await told.until(body => body.includes(night) && body.includes('INC-1'));

    expect(await list()).toContain(night);

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
    expect(await list()).not.toContain(night);
    expect((await gates.cloudFormation(images.failed, 'night')).admitted).toBe(false);
  });

  test('two grants for the same image and scope are each told, ended by one call, and gone from the list', async () => {
    const twice = gates.stack('twice');
    const ids: string[] = [];
    for (let granted = 0; granted < 2; granted += 1) {
      const { out } = await grant(images.failed, twice, '--json');
      ids.push((JSON.parse(out) as { grantId: string }).grantId);
    }
    const named = async () => {
      const listed = await list('--json');
      return ids.map(id => listed.includes(id));
    };
    expect(await named()).toEqual([true, true]);
    expect((await gates.cloudFormation(images.failed, 'twice')).admitted).toBe(true);
    expect(await run('end', images.failed, twice)).toMatchObject({ code: 0, err: '' });
    expect(await named()).toEqual([false, false]);
    expect((await gates.cloudFormation(images.failed, 'twice')).admitted).toBe(false);
    for (const id of ids) {
      await events.until(body => body.includes('"Break-Glass Granted"') && body.includes(id));
    }
  });

  test('a rollback to an image that was never trusted is refused, and goes on by a grant', async () => {
    const StackName = await deploy(tasks(images.trusted, images.trusted));
    const stack = gates.stack(StackName);
    expect(await grant(images.failed, stack)).toMatchObject({ code: 0, err: '' });
    await deploy(tasks(images.failed, images.trusted), StackName);
    expect(await run('end', images.failed, stack)).toMatchObject({ code: 0, err: '' });

    const isStatus = (wanted: string) =>
      eventually(wanted, async () => {
        const { Stacks } = await cloud().cloudformation.describeStacks({ StackName });
        return Stacks![0]!.StackStatus === wanted || undefined;
      });
    await deploy(tasks(images.trusted, images.unknown), StackName).catch(() => undefined);
    await isStatus('UPDATE_ROLLBACK_FAILED');
    const reasons = await reasonsOf(StackName);
    expect(reasons).toContain(REFUSED.failed);

    const failed = images.failed.slice(images.failed.indexOf('/'));
    const emergency = reasons
      .split('\n')
      .find(each => each.startsWith('Emergency') && each.includes(failed))!;
    const command = emergency.slice(emergency.indexOf('break-glass'));
    const words = command
      .replace('TRUST_STACK', STACK) // the gate was imported by attributes, which do not name it
      .replace('WHY', 'the-shop-is-down-for-everybody')
      .replace(/ID$/, 'INC-1')
      .split(' ');
    expect(await cli.run(words, onCall)).toMatchObject({ code: 0, err: '' });
    await cloud().cloudformation.continueUpdateRollback({ StackName });
    await isStatus('UPDATE_ROLLBACK_COMPLETE');
    expect(await run('end', images.failed, stack)).toMatchObject({ code: 0, err: '' });
  });

  test('a service and the function of a pipeline are scopes too; a grant whose hour is over admits nothing', async () => {
    const keys: { pk: string; grantId: string }[] = [];
    for (const scope of [gates.serviceArn, gates.pipelineArn]) {
      const { pk, grantId } = JSON.parse((await grant(images.revoked, scope, '--json')).out);
      keys.push({ pk, grantId });
    }
    expect((await gates.ecs(images.revoked)).admitted).toBe(true);
    expect((await gates.pipeline({ images: [images.revoked] })).admitted).toBe(true);

    const TableName = await resource('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass');
    const over = new Date(Date.now() - 1000);
    for (const Key of keys) {
      await documents().update({
        TableName,
        Key,
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

  test('emergency off lets every image run in an account until it is ended, and no tag', async () => {
    const { account } = cloud();
    expect(await grant('*', account)).toMatchObject({ code: 0, err: '' });
    for (const image of [images.failed, images.unknown, images.expired]) {
      expect(await isAdmitted(image)).toEqual([true, true, true]);
    }
    expect((await gates.cloudFormation(images.failed.replace(/@.*/, ':v1'))).admitted).toBe(false);
    expect(await run('end', '*', account)).toMatchObject({ code: 0, err: '' });
    expect(await isAdmitted(images.failed)).toEqual([false, false, false]);
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
  await rowOnce(
    repository!,
    digest!,
    ({ waiverRevision, outbox, statement, verdict }) =>
      waiverRevision === afterWaivers && outbox === undefined && statement?.verdictId === verdict?.verdictId,
  );
  await documents().update({
    // as the administrator: nobody waits until it expires
    TableName: (await quickstart()).RegisterTableName,
    Key: { pk: nameOf(repository!, digest!) },
    // whoever read the row before loses the race, and does not put the time back
    UpdateExpression: 'SET verdict.validUntil = :over, rowVersion = rowVersion + :one',
    ExpressionAttributeValues: { ':over': new Date(Date.now() - 1000).toISOString(), ':one': 1 },
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

/** Two task definitions, one after the other. */
function tasks(first: string, second: string): { Resources: object } {
  const of = (image: string) => ({
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { ContainerDefinitions: [{ Name: 'web', Image: { 'Fn::Join': ['@', image.split('@')] } }] },
  });
  return { Resources: { First: of(first), Second: { ...of(second), DependsOn: 'First' } } };
}

async function wasMade(logicalId: string, StackName: string): Promise<boolean> {
  const { StackEvents = [] } = await cloud().cloudformation.describeStackEvents({ StackName });
  return StackEvents.some(
    ({ LogicalResourceId, ResourceStatus }) =>
      LogicalResourceId === logicalId && ResourceStatus === 'CREATE_COMPLETE',
  );
}

async function reasonsOf(StackName: string): Promise<string> {
  const { StackEvents = [] } = await cloud().cloudformation.describeStackEvents({ StackName });
  return StackEvents.map(each => each.ResourceStatusReason).join('\n');
}

/** What `grantBreakGlass` and `grantRead` give, of what is deployed. */
async function onCallRights(): Promise<{ Effect: string; Action: string[]; Resource: string }[]> {
  const { region, account } = cloud();
  const name = await resource('AWS::Lambda::Function', 'TrustBreakGlassGranter');
  const table = await resource('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass');
  const arns: Record<string, string> = {
    TrustBreakGlassGranter: `arn:aws:lambda:${region}:${account}:function:${name}`,
    TrustBreakGlass: `arn:aws:dynamodb:${region}:${account}:table/${table}`,
  };
  const stackArn = `arn:aws:cloudformation:${region}:${account}:stack/${STACK}/*`;
  const { stack, trust } = trustStack();
  const role = new Role(stack, 'OnCall', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  trust.breakGlass!.grantBreakGlass(role);
  trust.breakGlass!.grantRead(role);
  return [
    ...roleStatements(Template.fromStack(stack))
      .get('OnCall')!
      .map(({ actions, resources, condition }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: arns[resources[0]!] ?? stackArn,
        ...(condition !== undefined && { Condition: condition as object }),
      })),
  ];
}
