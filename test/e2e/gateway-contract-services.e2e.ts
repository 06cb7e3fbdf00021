import { CodePipeline } from '@aws-sdk/client-codepipeline';
import { SecurityHub, type AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { emulator, miniStack } from './cloud';
import { deploy, makeRole } from './cloud-fixtures';
import { sessionWith } from './command-line';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { pushTinyImage, tinyImage } from './tiny-image';
import { FunctionUrl } from '../../adapters/aws/function-url';
import { awsClients, type AwsClients } from '../../local/cloud/aws-clients';
import { stackResources } from '../../local/cloud/stack-resources';
import { FUNCTION_RUNTIME } from '../../src/core/function-runtime';

onlyEmulated('it holds the gateway itself against what AWS documents');

test('Amazon ECS says which digests a deployed revision of a service has, to who may ask about it', async () => {
  const { ecs, ecr, account, region, endpoint } = emulator();
  const repositoryName = uniqueName('team/revision');
  await ecr.createRepository({ repositoryName });
  const image = tinyImage('revision');
  await pushTinyImage(endpoint, repositoryName, 'v1', image);
  const [cluster, serviceName] = [uniqueName('cluster'), uniqueName('service')];
  await ecs.createCluster({ clusterName: cluster });
  const reference = `${account}.dkr.ecr.${region}.amazonaws.com/${repositoryName}:v1`;
  const { taskDefinition } = await ecs.registerTaskDefinition({
    family: serviceName,
    containerDefinitions: [{ name: 'web', image: reference, memory: 64 }],
  });
  await ecs.createService({ cluster, serviceName, taskDefinition: taskDefinition!.taskDefinitionArn });
  const deployed = await eventually('the end of the deployment', async () => {
    const { serviceDeployments: [latest] = [] } = await ecs.listServiceDeployments({
      cluster,
      service: serviceName,
    });
    return latest?.status === 'SUCCESSFUL' ? latest : undefined;
  });
  const serviceRevisionArns = [deployed.targetServiceRevisionArn!];

  const { serviceRevisions: [revision] = [] } = await ecs.describeServiceRevisions({ serviceRevisionArns });
  expect(revision).toMatchObject({
    taskDefinition: taskDefinition!.taskDefinitionArn,
    containerImages: [{ containerName: 'web', image: reference, imageDigest: image.digest }],
  });
  const asked = { Effect: 'Allow', Action: 'ecs:DescribeServiceRevisions' };
  const as = async (Resource: string) =>
    awsClients({ ...emulator(), credentials: await sessionWith([{ ...asked, Resource }]) }).ecs;
  const mine = await as(serviceRevisionArns[0]!);
  expect((await mine.describeServiceRevisions({ serviceRevisionArns })).serviceRevisions).toHaveLength(1);
  const another = await as(`${serviceRevisionArns[0]}0`);
  await expect(another.describeServiceRevisions({ serviceRevisionArns })).rejects.toThrow(/not authorized/);
  // MiniStack knows no revisions
  expect((await miniStack().ecs.describeServiceRevisions({ serviceRevisionArns })).serviceRevisions).toEqual(
    [],
  );
});

test('CodePipeline takes the answer to a job that runs, from who may give it', async () => {
  const answer = async (given = emulator().credentials) =>
    new CodePipeline({ ...emulator(), credentials: given }).putJobSuccessResult({ jobId: 'none' });
  await expect(answer()).rejects.toMatchObject({ name: 'JobNotFoundException' });
  await expect(answer(await sessionWith([]))).rejects.toThrow(/not authorized/);
});

describe('AWS Security Hub', () => {
  let ProductArn: string;
  let hub: SecurityHub;

  beforeAll(() => {
    const { account, region } = emulator();
    ProductArn = `arn:aws:securityhub:${region}:${account}:product/${account}/default`;
    hub = new SecurityHub({ ...emulator(), maxAttempts: 1 });
  });

  const finding = (change: Partial<AwsSecurityFinding> = {}): AwsSecurityFinding => ({
    SchemaVersion: '2018-10-08',
    Id: uniqueName('finding'),
    ProductArn,
    GeneratorId: 'test',
    AwsAccountId: emulator().account,
    Types: ['Unusual Behaviors/User'],
    CreatedAt: '2026-11-26T10:00:00.000Z',
    UpdatedAt: '2026-11-26T10:00:00.000Z',
    Severity: { Label: 'HIGH' },
    Title: 'title',
    Description: 'description',
    Resources: [{ Type: 'Other', Id: 'resource' }],
    ...change,
  });
  const found = async (Id: string) =>
    (await hub.getFindings({ Filters: { Id: [{ Comparison: 'EQUALS', Value: Id }] } })).Findings;

  test('creates a finding, and updates it by a later UpdatedAt only', async () => {
    const Id = uniqueName('finding');
    const at = (second: number) => `2026-11-26T10:00:0${second}.000Z`;
    for (const [second, RecordState] of [
      [2, 'ACTIVE'],
      [4, 'ARCHIVED'],
      [3, 'ACTIVE'],
      [4, 'ACTIVE'],
    ] as const) {
      const given = finding({ Id, UpdatedAt: at(second), RecordState });
      expect(await hub.batchImportFindings({ Findings: [given] })).toMatchObject({ SuccessCount: 1 });
    }
    expect(await found(Id)).toMatchObject([{ Id, UpdatedAt: at(4), RecordState: 'ARCHIVED' }]);
  });

  test.each<[string, Partial<AwsSecurityFinding>, string]>([
    ['no title', { Title: undefined }, 'InvalidInput'],
    ['a title that is too long', { Title: 'x'.repeat(257) }, 'InvalidInput'],
    ['no resource', { Resources: [] }, 'InvalidInput'],
    ['a time that is none', { UpdatedAt: 'now' }, 'InvalidInput'],
    ['more than 240 KB', { Note: { Text: 'x'.repeat(250_000) } as never }, 'InvalidInput'],
    ['another product', { ProductArn: 'arn:aws:securityhub:eu-west-1::product/a/b' }, 'InvalidAccess'],
    ['another account', { AwsAccountId: '111111111111' }, 'InvalidAccess'],
  ])('does not take one with %s, and takes the one beside it', async (_, change, ErrorCode) => {
    const [bad, good] = [finding(change), finding()];
    const answer = await hub.batchImportFindings({ Findings: [bad, good] });
    expect(answer).toMatchObject({
      FailedCount: 1,
      SuccessCount: 1,
      FailedFindings: [{ Id: bad.Id, ErrorCode }],
    });
    expect([await found(bad.Id!), await found(good.Id!)]).toEqual([[], [expect.objectContaining(good)]]);
  });

  test('takes 1 to 100 findings, from who may import into the product for the account', async () => {
    for (const Findings of [[], Array.from({ length: 101 }, () => finding())]) {
      await expect(hub.batchImportFindings({ Findings })).rejects.toMatchObject({
        name: 'InvalidInputException',
      });
    }
    const as = async (Resource: string, target: string) =>
      new SecurityHub({
        ...emulator(),
        maxAttempts: 1,
        credentials: await sessionWith([
          {
            Effect: 'Allow',
            Action: 'securityhub:BatchImportFindings',
            Resource,
            Condition: { StringEquals: { 'securityhub:TargetAccount': target } },
          },
        ]),
      });
    const { account } = emulator();
    const mine = await as(ProductArn, account);
    expect(await mine.batchImportFindings({ Findings: [finding()] })).toMatchObject({ SuccessCount: 1 });
    await expect(mine.getFindings({})).rejects.toThrow(/not authorized/);
    for (const other of [await as(`${ProductArn}s`, account), await as(ProductArn, '111111111111')]) {
      await expect(other.batchImportFindings({ Findings: [finding()] })).rejects.toThrow(/not authorized/);
    }
  });
});

describe('a function that is called by its URL', () => {
  let name: string;

  beforeAll(async () => {
    const StackName = await deploy({
      Resources: {
        Echo: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: FUNCTION_RUNTIME,
            Handler: 'index.handler',
            Role: await makeRole('lambda.amazonaws.com'),
            Code: {
              ZipFile:
                'exports.handler = async event => ({ statusCode: 201, body: JSON.stringify({ iam: event.requestContext.authorizer?.iam, body: event.body }) })',
            },
          },
        },
        Url: {
          Type: 'AWS::Lambda::Url',
          Properties: { TargetFunctionArn: { Ref: 'Echo' }, AuthType: 'AWS_IAM' },
        },
      },
    });
    const resources = await stackResources(emulator(), StackName);
    name = resources.find(({ LogicalResourceId }) => LogicalResourceId === 'Echo')!.PhysicalResourceId!;
  });

  const post = ({ lambda }: AwsClients) =>
    new FunctionUrl(name, lambda, emulator().endpoint).post({ caller: 'me' });
  const url = { Action: 'lambda:InvokeFunctionUrl', Effect: 'Allow', Resource: '*' };
  const byUrl = {
    Action: 'lambda:InvokeFunction',
    Effect: 'Allow',
    Resource: '*',
    Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  };
  const read = { Action: 'lambda:GetFunctionUrlConfig', Effect: 'Allow', Resource: '*' };

  test('is told who calls, and answers for itself', async () => {
    const caller = await sessionWith([url, byUrl, read]);
    expect(await post(awsClients({ ...emulator(), credentials: caller }))).toEqual({
      status: 201,
      answer: {
        iam: expect.objectContaining({
          accessKey: caller.accessKeyId,
          userArn: expect.stringMatching(/^arn:aws:sts::\d{12}:assumed-role\/role-\w+\/test$/),
        }),
        body: '{"caller":"me"}',
      },
    });
  });

  test.each([
    ['the right to one half of it', [url, read], /InvokeFunction on/],
    ['the right to the other half', [byUrl, read], /InvokeFunctionUrl on/],
    [
      'a condition that does not hold',
      [{ ...url, Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } }, byUrl, read],
      /InvokeFunctionUrl on/,
    ],
  ])('refuses a caller with %s', async (_, statements, says) => {
    const { status, answer } = await post(
      awsClients({ ...emulator(), credentials: await sessionWith(statements) }),
    );
    expect({ status, answer }).toEqual({ status: 403, answer: { Message: expect.stringMatching(says) } });
  });

  test('refuses a signature that another key made', async () => {
    const { FunctionUrl: given } = await emulator().lambda.getFunctionUrlConfig({ FunctionName: name });
    const { accessKeyId } = emulator().credentials;
    const signer = await awsClients({
      ...emulator(),
      credentials: { accessKeyId, secretAccessKey: 'guessed' },
    }).lambda.config.signer();
    const to = new URL(`/_aws/lambda-url/${new URL(given!).hostname.split('.')[0]}/`, emulator().endpoint);
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname: to.hostname,
      path: to.pathname,
      query: {},
      headers: { host: to.host },
      body: '{}',
    });
    expect((await fetch(to, { method: 'POST', headers, body: '{}' })).status).toBe(403);
  });
});

test('MiniStack itself refuses a Lambda hook', async () => {
  const { cloudformation } = miniStack();
  const StackName = uniqueName('hooked');
  const TemplateBody = JSON.stringify({
    Resources: { Hook: { Type: 'AWS::CloudFormation::LambdaHook', Properties: {} } },
  });
  const ended = cloudformation.createStack({ StackName, TemplateBody }).then(() =>
    eventually('the end of the stack', async () => {
      const { Stacks: [stack] = [] } = await cloudformation.describeStacks({ StackName });
      return stack?.StackStatus?.includes('IN_PROGRESS') ? undefined : stack?.StackStatus;
    }),
  );
  await expect(ended.then(status => `ended in ${status}`, String)).resolves.toMatch(/ROLLBACK|Unrecognized/);
});
