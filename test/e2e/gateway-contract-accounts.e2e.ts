import { cloud, emulator } from './cloud';
import { deploy } from './cloud-fixtures';
import { uniqueName } from './eventually';
import { outputsOf } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { ORGANIZATION } from '../../local/cloud/accounts/cross-account-route';
import { awsClients, type AwsClients, type Credentials } from '../../local/cloud/aws-clients';

onlyEmulated('it shows what the gateway does between accounts');

/** Of this file alone: an account is made once in a run. */
const [LISTED, MEMBER, ROLES] = ['555555555555', '444444444444', '466666666666'];
const [FOREIGNER, STRANGER] = ['855555555555', '955555555555'];
const REGION = 'eu-west-1';
const REPOSITORY = uniqueName('shared');
const Condition = { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } };
const ofAccount = (Action: string, more: object = {}) => [
  { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${LISTED}:root` }, Action, ...more },
];
const ofBoth = (Action: string, more: object = {}) => [
  ...ofAccount(Action, more),
  { Effect: 'Allow', Principal: { AWS: '*' }, Action, Condition, ...more },
];
const all = { Resource: '*' };

/** A table, a key, a queue and a repository that one account and an organization may use. */
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
    Repository: {
      Type: 'AWS::ECR::Repository',
      Properties: {
        RepositoryName: REPOSITORY,
        RepositoryPolicyText: { Version: '2012-10-17', Statement: ofBoth('ecr:DescribeImages') },
      },
    },
  },
  Outputs: {
    Table: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] } },
    Key: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    Queue: { Value: { Ref: 'Queue' } },
  },
});

let outputs: Record<string, string>;
const row = { pk: { S: 'row' } };

beforeAll(async () => {
  const stack = await deploy(template(ofAccount('dynamodb:GetItem', all)));
  outputs = await outputsOf(stack);
  await cloud().dynamodb.putItem({ TableName: outputs.Table, Item: row });
  // on AWS, a policy changes in place: MiniStack would replace the table
  await deploy(template(ofBoth('dynamodb:GetItem', all)), stack);
  expect(await outputsOf(stack)).toEqual(outputs);
});

/** An administrator of another account, for resources in the region of this one. */
async function administratorOf(account: string): Promise<AwsClients> {
  const { accessKeyId, secretAccessKey } = (await emulator().admin('accounts', {
    account,
    region: REGION,
  })) as Credentials;
  const { endpoint, region } = cloud();
  return awsClients({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
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

test('a role of a listed account needs rights of its own, too', async () => {
  const aws = await administratorOf(ROLES!);
  const { endpoint, region } = cloud();
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: ROLES }, Action: 'sts:AssumeRole' },
  });
  await aws.iam.createRole({ RoleName: 'weak', AssumeRolePolicyDocument });
  const session = await aws.sts.assumeRole({
    RoleArn: `arn:aws:iam::${ROLES}:role/weak`,
    RoleSessionName: 'test',
  });
  const { AccessKeyId, SecretAccessKey, SessionToken } = session.Credentials!;
  const credentials = {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken,
  };
  for (const call of Object.values(everything(awsClients({ endpoint, region, credentials })))) {
    await expect(call()).rejects.toThrow('because no identity-based policy allows');
  }
});
