import { cloud, emulator } from './cloud';
import { deploy, makeQueue, makeRule } from './cloud-fixtures';
import { eventually, uniqueName } from './eventually';
import { outputsOf } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { digestOf, pushTinyImage, tinyImage } from './tiny-image';
import { ORGANIZATION } from '../../local/cloud/accounts/let-in';
import { awsClients, type AwsClients, type Credentials } from '../../local/cloud/aws-clients';
import type { CloudDescription } from '../../local/cloud/description';
import { loginTo } from '../../local/cloud/registry-login';

onlyEmulated('it shows what the gateway does between accounts');

/** Of this file alone: an account is made once in a run. */
const [LISTED, MEMBER, ROLES] = ['555555555555', '444444444444', '466666666666'];
const [FOREIGNER, STRANGER] = ['855555555555', '955555555555'];
const REGION = 'eu-west-1';
const REPOSITORY = uniqueName('shared');
const BUS = uniqueName('bus');
const Condition = { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } };
const ofAccount = (Action: string, more: object = {}) => [
  { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${LISTED}:root` }, Action, ...more },
];
const ofBoth = (Action: string, more: object = {}) => [
  ...ofAccount(Action, more),
  { Effect: 'Allow', Principal: { AWS: '*' }, Action, Condition, ...more },
];
const all = { Resource: '*' };

interface Administrator extends AwsClients {
  readonly description: CloudDescription;
}

/** A table, a key, a queue, a bus and a repository that one account and an organization may use. */
const template = (tablePolicy: object[]) => ({
  Resources: {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [
          {
            Region: { Ref: 'AWS::Region' },
            ResourcePolicy: { PolicyDocument: { Statement: tablePolicy } },
          },
        ],
      },
    },
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        KeySpec: 'ECC_NIST_P256',
        KeyUsage: 'SIGN_VERIFY',
        KeyPolicy: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } },
              Action: 'kms:*',
              ...all,
            },
            ...ofBoth('kms:GetPublicKey', all),
          ],
        },
      },
    },
    Queue: { Type: 'AWS::SQS::Queue' },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: { Statement: ofBoth('sqs:SendMessage', all) },
      },
    },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: BUS } },
    BusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        StatementId: 'Forwarders',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: [`arn:aws:iam::${LISTED}:root`] },
          Action: 'events:PutEvents',
          Resource: { 'Fn::GetAtt': ['Bus', 'Arn'] },
          Condition: { Bool: { 'events:eventBusInvocation': 'true' } },
        },
      },
    },
    Repository: {
      Type: 'AWS::ECR::Repository',
      Properties: {
        RepositoryName: REPOSITORY,
        RepositoryPolicyText: { Version: '2012-10-17', Statement: ofBoth('ecr:DescribeImages') },
      },
    },
  },
  Outputs: {
    Bus: { Value: { 'Fn::GetAtt': ['Bus', 'Arn'] } },
    Table: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] } },
    Key: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    Queue: { Value: { Ref: 'Queue' } },
  },
});

let outputs: Record<string, string>;
const row = { pk: { S: 'row' } };
const administrators = new Map<string, Administrator>();

beforeAll(async () => {
  const stack = await deploy(template(ofAccount('dynamodb:GetItem', all)));
  outputs = await outputsOf(stack);
  await cloud().dynamodb.putItem({ TableName: outputs.Table, Item: row });
  // on AWS, a policy changes in place: MiniStack would replace the table
  await deploy(template(ofBoth('dynamodb:GetItem', all)), stack);
  expect(await outputsOf(stack)).toEqual(outputs);
});

/** An administrator of another account, for resources in the region of this one. */
async function administratorOf(account: string): Promise<Administrator> {
  const known = administrators.get(account);
  if (known !== undefined) return known;
  const { accessKeyId, secretAccessKey } = (await emulator().admin('accounts', {
    account,
    region: REGION,
  })) as Credentials;
  const description = { ...cloud(), account, credentials: { accessKeyId, secretAccessKey } };
  const made = { description, ...awsClients(description) };
  administrators.set(account, made);
  return made;
}

const everything = ({ dynamodb, kms, sqs, ecr }: AwsClients) => ({
  table: () => dynamodb.getItem({ TableName: outputs.Table, Key: row }),
  key: () => kms.getPublicKey({ KeyId: outputs.Key }),
  queue: () => sqs.sendMessage({ QueueUrl: outputs.Queue, MessageBody: 'request' }),
  repository: () => ecr.describeImages({ registryId: cloud().account, repositoryName: REPOSITORY }),
});

test.each([
  ['a listed account', LISTED!],
  ['a member of a listed organization', MEMBER!],
])(
  '%s may do what the policies of table, key, queue and repository say, and nothing else',
  async (_who, account) => {
    const aws = await administratorOf(account);
    const { table, key, queue, repository } = everything(aws);
    expect((await table()).Item).toEqual(row);
    expect(await key()).toMatchObject({ KeySpec: 'ECC_NIST_P256' });
    expect(await queue()).toMatchObject({ MessageId: expect.any(String) });
    expect((await repository()).imageDetails).toEqual([]);

    const { dynamodb, kms, sqs, ecr } = aws;
    await expect(dynamodb.putItem({ TableName: outputs.Table, Item: row })).rejects.toThrow(
      'dynamodb:PutItem',
    );
    await expect(kms.describeKey({ KeyId: outputs.Key })).rejects.toThrow('kms:DescribeKey');
    await expect(sqs.receiveMessage({ QueueUrl: outputs.Queue })).rejects.toThrow('sqs:ReceiveMessage');
    const imageIds = [{ imageTag: 'v1' }];
    await expect(
      ecr.batchGetImage({ registryId: cloud().account, repositoryName: REPOSITORY, imageIds }),
    ).rejects.toThrow('ecr:BatchGetImage');
  },
);

test.each([
  ['an account of another organization', FOREIGNER!],
  ['an account of none', STRANGER!],
])('%s may do nothing', async (_who, account) => {
  for (const call of Object.values(everything(await administratorOf(account)))) {
    await expect(call()).rejects.toThrow('because no resource-based policy allows');
  }
});

/** A role that may do what it is given. */
async function roleOf(
  { iam, description }: Administrator,
  RoleName: string,
  Action: string[],
): Promise<string> {
  const version = { Version: '2012-10-17' };
  const Principal = { AWS: description.account, Service: 'events.amazonaws.com' };
  const trusted = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
  const { Role } = await iam.createRole({
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({ ...version, Statement: trusted }),
  });
  if (Action.length > 0) {
    const PolicyDocument = JSON.stringify({ ...version, Statement: { Effect: 'Allow', Action, ...all } });
    await iam.putRolePolicy({ RoleName, PolicyName: 'rights', PolicyDocument });
  }
  return Role!.Arn!;
}

test('a role of a listed account needs rights of its own, too', async () => {
  const aws = await administratorOf(ROLES!);
  const RoleArn = await roleOf(aws, 'weak', []);
  const session = await aws.sts.assumeRole({ RoleArn, RoleSessionName: 'test' });
  const { AccessKeyId, SecretAccessKey, SessionToken } = session.Credentials!;
  const credentials = {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken,
  };
  const { endpoint, region } = cloud();
  for (const call of Object.values(everything(awsClients({ endpoint, region, credentials })))) {
    await expect(call()).rejects.toThrow('because no identity-based policy allows');
  }
});

describe('a push in another account', () => {
  const repositoryName = uniqueName('forwarded');
  const image = tinyImage(repositoryName);
  const push = async ({ description }: Administrator) => {
    const { authorization } = await loginTo(description);
    return pushTinyImage(cloud().endpoint!, repositoryName, 'v1', image, { authorization: authorization! });
  };

  /** A rule that sends pushes to the bus. Returns where the events are that it cannot send. */
  async function forward({ events, sqs, description }: Administrator, RoleArn: string): Promise<string> {
    const { QueueUrl } = await sqs.createQueue({ QueueName: uniqueName('dead') });
    const { QueueArn } = (await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] }))
      .Attributes!;
    const Name = uniqueName('forward');
    const detail = { 'repository-name': [repositoryName] };
    await events.putRule({ Name, EventPattern: JSON.stringify({ account: [description.account], detail }) });
    const target = { Id: 'bus', Arn: outputs.Bus!, RoleArn, DeadLetterConfig: { Arn: QueueArn! } };
    await events.putTargets({ Rule: Name, Targets: [target] });
    return QueueUrl!;
  }

  const whyDead = (aws: Administrator, QueueUrl: string) =>
    eventually('the dead letter', async () => {
      const { Messages: [message] = [] } = await aws.sqs.receiveMessage({
        QueueUrl,
        MessageAttributeNames: ['All'],
      });
      return message?.MessageAttributes?.ERROR_CODE?.StringValue;
    });

  test('reaches the bus by a rule whose role may send, and its image is pulled if its repository lets the puller in', async () => {
    const queue = await makeQueue();
    await makeRule({ account: [LISTED], detail: { 'image-tag': ['v1'] } }, { Arn: queue.arn }, BUS);
    const aws = await administratorOf(LISTED!);
    await aws.ecr.createRepository({ repositoryName });
    const dead = await forward(aws, await roleOf(aws, 'weak', ['events:PutRule']));
    await forward(aws, await roleOf(aws, 'forwarder', ['events:PutEvents']));
    expect((await push(aws)).status).toBe(201);
    expect(JSON.parse(await queue.receive())).toMatchObject({
      source: 'aws.ecr',
      account: LISTED,
      detail: { 'action-type': 'PUSH', 'repository-name': repositoryName, 'image-digest': image.digest },
    });
    expect(await whyDead(aws, dead)).toBe('NO_PERMISSIONS');
    expect(await queue.isEmpty()).toBe(true);

    const request = { registryId: LISTED, repositoryName, imageIds: [{ imageTag: 'v1' }] };
    const headers = { authorization: (await loginTo(cloud())).authorization! };
    const pull = (path: string) => fetch(`${cloud().endpoint}/v2/${repositoryName}/${path}`, { headers });
    const layer = `blobs/${digestOf(image.blobs[1]!)}`;
    await expect(cloud().ecr.batchGetImage(request)).rejects.toThrow('is not authorized');
    for (const path of ['manifests/v1', layer]) expect((await pull(path)).status).toBe(403);
    const Action = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
    const Statement = { Effect: 'Allow', Principal: { AWS: cloud().account }, Action };
    await aws.ecr.setRepositoryPolicy({
      repositoryName,
      policyText: JSON.stringify({ Version: '2012-10-17', Statement }),
    });
    expect((await cloud().ecr.batchGetImage(request)).images).toMatchObject([{ registryId: LISTED }]);
    expect(await (await pull('manifests/v1')).text()).toBe(image.manifest);
    expect(await (await pull(layer)).text()).toBe(repositoryName);
    // one host stands for all registries
    await aws.ecr.deleteRepository({ repositoryName, force: true });
  });

  test('does not reach it from an account that the bus does not list, nor by a call', async () => {
    const aws = await administratorOf(MEMBER!);
    await aws.ecr.createRepository({ repositoryName });
    const dead = await forward(aws, await roleOf(aws, 'forwarder', ['events:PutEvents']));
    expect((await push(aws)).status).toBe(201);
    expect(await whyDead(aws, dead)).toBe('NO_PERMISSIONS');
    const entry = { EventBusName: outputs.Bus, Source: 'app', DetailType: 'Forged', Detail: '{}' };
    for (const { events } of [aws, await administratorOf(LISTED!)]) {
      await expect(events.putEvents({ Entries: [entry] })).rejects.toThrow('no resource-based policy allows');
    }
  });
});
