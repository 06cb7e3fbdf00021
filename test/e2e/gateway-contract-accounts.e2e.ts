import { cloud, emulator } from './cloud';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { ORGANIZATION } from '../../local/cloud/accounts/cross-account-route';
import { awsClients, type AwsClients, type Credentials } from '../../local/cloud/aws-clients';

onlyEmulated('it shows what the gateway does between accounts');

/** Of this file alone: an account is made once in a run. */
const [LISTED, MEMBER, STRANGER] = ['555555555555', '444444444444', '955555555555'];
const REGION = 'eu-west-1';
const Condition = { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } };
const allow = (Action: string[]) => [
  { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${LISTED}:root` }, Action, Resource: '*' },
  { Effect: 'Allow', Principal: { AWS: '*' }, Action, Resource: '*', Condition },
];

/** A table and a key that one account and an organization may read. */
const TEMPLATE = {
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
            ResourcePolicy: { PolicyDocument: { Statement: allow(['dynamodb:GetItem']) } },
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
              Resource: '*',
            },
            ...allow(['kms:GetPublicKey']),
          ],
        },
      },
    },
  },
  Outputs: {
    Table: { Value: { 'Fn::GetAtt': ['Table', 'Arn'] } },
    Key: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } },
  },
};

let outputs: Record<string, string>;
beforeAll(async () => {
  const StackName = uniqueName('accounts');
  await cloud().cloudformation.createStack({ StackName, TemplateBody: JSON.stringify(TEMPLATE) });
  outputs = await eventually('the stack', async () => {
    const { Stacks } = await cloud().cloudformation.describeStacks({ StackName });
    const { StackStatus, Outputs = [] } = Stacks![0]!;
    if (StackStatus !== 'CREATE_COMPLETE') return undefined;
    return Object.fromEntries(Outputs.map(each => [each.OutputKey!, each.OutputValue!]));
  });
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

test.each([
  ['a listed account', LISTED!],
  ['a member of a listed organization', MEMBER!],
])('%s may read the table and the public key, and nothing else', async (_who, account) => {
  const { dynamodb, kms } = await administratorOf(account);
  const Key = { pk: { S: 'row' } };
  await expect(dynamodb.getItem({ TableName: outputs.Table, Key })).resolves.toBeDefined();
  await expect(kms.getPublicKey({ KeyId: outputs.Key })).resolves.toMatchObject({ KeySpec: 'ECC_NIST_P256' });
  await expect(dynamodb.putItem({ TableName: outputs.Table, Item: Key })).rejects.toThrow('dynamodb:PutItem');
  await expect(kms.describeKey({ KeyId: outputs.Key })).rejects.toThrow('kms:DescribeKey');
});

test('another account may read neither', async () => {
  const { dynamodb, kms } = await administratorOf(STRANGER!);
  await expect(dynamodb.getItem({ TableName: outputs.Table, Key: { pk: { S: 'row' } } })).rejects.toThrow(
    `on resource: ${outputs.Table} because no resource-based policy allows`,
  );
  await expect(kms.getPublicKey({ KeyId: outputs.Key })).rejects.toThrow('no resource-based policy allows');
});
