import { restoreTemplate, rewriteTemplate, Template } from '../../../local/cloud/cloudformation/template';

const writeOnce = {
  Effect: 'Deny',
  Action: 's3:PutObject',
  Condition: { Null: { 's3:if-none-match': 'true' } },
};
const overTls = { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

const template: Template = {
  Resources: {
    Hook: {
      Type: 'AWS::CloudFormation::GuardHook',
      Properties: { Alias: 'A::B::C' },
      Metadata: { 'aws:cdk:path': 'Stack/Hook' },
    },
    Policy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: 'bucket', PolicyDocument: { Statement: [writeOnce, overTls] } },
    },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'bucket' } },
  },
};

test('leaves out what MiniStack cannot take, says so, and touches nothing else', () => {
  const { template: rewritten, lost } = rewriteTemplate(template);

  expect(rewritten.Resources?.Hook).toMatchObject({ Type: 'AWS::CloudFormation::WaitConditionHandle' });
  expect(rewritten.Resources?.Hook.Properties).toBeUndefined();
  expect(rewritten.Resources?.Policy.Properties).toEqual({
    Bucket: 'bucket',
    PolicyDocument: { Statement: [overTls] },
  });
  expect(rewritten.Resources?.Bucket).toBe(template.Resources?.Bucket);
  expect(lost).toEqual([
    'Hook: AWS::CloudFormation::GuardHook',
    'Policy: 1 statement(s) of an AWS::S3::BucketPolicy on s3:if-none-match',
  ]);
});

test('leaves to the gateway what only the gateway knows', () => {
  const settings: Template = {
    Resources: {
      Cache: { Type: 'AWS::ECR::PullThroughCacheRule', Properties: { EcrRepositoryPrefix: 'cache' } },
      NoPull: { Type: 'AWS::ECR::PullTimeUpdateExclusion', Properties: { PrincipalArn: 'arn:role' } },
    },
  };
  const { template: rewritten, lost, isRewritten } = rewriteTemplate(settings);
  expect({ lost, isRewritten }).toEqual({ lost: [], isRewritten: true });
  expect(Object.values(rewritten.Resources!).map(({ Type }) => Type)).toEqual(
    Array(2).fill('AWS::CloudFormation::WaitConditionHandle'),
  );
  expect(restoreTemplate(rewritten)).toEqual(settings);
});

describe('a key that signs', () => {
  const digests = { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' };
  const onlySigners = {
    Sid: 'OnlySigners',
    Effect: 'Deny',
    Action: 'kms:Sign',
    Condition: { ArnNotLike: { 'aws:PrincipalArn': ['arn:signer'] } },
  };
  const sign = { Sid: 'Sign1', Effect: 'Allow', Action: 'kms:Sign', Condition: { StringEquals: digests } };
  const key = (...statements: object[]): Template => ({
    Resources: {
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: { KeySpec: 'ECC_NIST_P256', KeyPolicy: { Version: '2012-10-17', Statement: statements } },
      },
    },
  });
  const statementsOf = (from: Template) =>
    (from.Resources!.Key.Properties!.KeyPolicy as { Statement: object[] }).Statement;

  test('keeps its Deny, and signs what it is given: MiniStack says of no call how it signs', () => {
    const { template: rewritten, lost } = rewriteTemplate(key(onlySigners, sign));
    expect(statementsOf(rewritten)).toEqual([
      onlySigners,
      { Sid: 'Sign1', Effect: 'Allow', Action: 'kms:Sign' },
    ]);
    expect(rewritten.Resources!.Key.Properties).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyPolicy: { Version: '2012-10-17' },
    });
    expect(lost).toEqual([
      'Key: the conditions on kms:SigningAlgorithm and kms:MessageType of 1 statement(s) of an AWS::KMS::Key',
    ]);
  });

  test('keeps every other condition, however IAM lets the two be spelled', () => {
    const limited = {
      ...sign,
      Condition: {
        StringEquals: { 'KMS:signingalgorithm': 'ECDSA_SHA_256', 'aws:SourceAccount': '123456789012' },
        StringLike: { 'kms:messageType': 'DIGEST' },
      },
    };
    expect(statementsOf(rewriteTemplate(key(limited)).template)).toEqual([
      { ...sign, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } },
    ]);
  });

  test('is left as it is without them', () => {
    const untouched = key(onlySigners);
    expect(rewriteTemplate(untouched)).toMatchObject({ lost: [] });
    expect(rewriteTemplate(untouched).template.Resources!.Key).toBe(untouched.Resources!.Key);
  });

  test('is given back as it was', () => {
    expect(
      restoreTemplate(
        JSON.parse(JSON.stringify(rewriteTemplate(key(onlySigners, sign)).template)) as Template,
      ),
    ).toEqual(key(onlySigners, sign));
  });
});

test('a role publishes what it likes: MiniStack says of no event what it is', () => {
  const publish = { Effect: 'Allow', Action: 'events:PutEvents', Resource: 'bus' };
  const limited = {
    ...publish,
    Condition: {
      StringEquals: {
        'events:source': 'trusted-images',
        'events:detail-type': ['Image Trusted', 'Image Revoked'],
      },
    },
  };
  const { template: rewritten, lost } = rewriteTemplate({
    Resources: {
      Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: [limited, overTls] } } },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyName: 'inline', PolicyDocument: { Statement: [limited] } }] },
      },
    },
  });
  expect(rewritten.Resources!.Policy.Properties).toEqual({
    PolicyDocument: { Statement: [publish, overTls] },
  });
  expect(rewritten.Resources!.Role.Properties).toEqual({
    Policies: [{ PolicyName: 'inline', PolicyDocument: { Statement: [publish] } }],
  });
  const said = 'the conditions on events:source and events:detail-type of 1 statement(s) of an';
  expect(lost).toEqual([`Policy: ${said} AWS::IAM::Policy`, `Role: ${said} AWS::IAM::Role`]);
});

test.each([
  ['Sum', { Statistic: 'Sum' }],
  ['p99', { ExtendedStatistic: 'p99' }],
])('an alarm on an expression watches the %s of the first metric alone', (Stat, statistic) => {
  const stat = (MetricName: string) => ({ MetricStat: { Metric: { MetricName }, Period: 60, Stat } });
  const given: Template = {
    Resources: {
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { Threshold: 1, Metrics: [{ Expression: 'a + b' }, stat('a'), stat('b')] },
      },
    },
  };
  const { template: rewritten, lost } = rewriteTemplate(given);
  expect(rewritten.Resources!.Alarm.Properties).toEqual({
    Threshold: 1,
    MetricName: 'a',
    Period: 60,
    ...statistic,
  });
  expect(lost).toEqual(['Alarm: the expression of an AWS::CloudWatch::Alarm: it watches a alone']);
  expect(restoreTemplate(rewritten)).toEqual(given);
});

test('a table with deletion protection survives the rollback of its creation, and no other does', () => {
  const table = (isProtected: boolean) => ({
    Type: 'AWS::DynamoDB::GlobalTable',
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: { Replicas: [{ Region: 'us-east-1', DeletionProtectionEnabled: isProtected }] },
  });
  const given = { Resources: { Register: table(true), Findings: table(false) } };
  const { template: rewritten, lost } = rewriteTemplate(given);
  expect(rewritten.Resources!.Register.DeletionPolicy).toBe('Retain');
  expect(rewritten.Resources!.Findings).toBe(given.Resources.Findings);
  expect(lost).toEqual([expect.stringContaining('Register: the failed rollback')]);
  expect(restoreTemplate(JSON.parse(JSON.stringify(rewritten)) as Template)).toEqual(given);
});

test('MiniStack sees no change where only the policy of a table changes: it would replace the table', () => {
  const table = (...Statement: object[]): Template => ({
    Resources: {
      Register: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          Replicas: [{ Region: 'us-east-1', ResourcePolicy: { PolicyDocument: { Statement } } }],
        },
      },
    },
  });
  const [before, after] = [table(), table(overTls)].map(given => rewriteTemplate(given)) as [
    ReturnType<typeof rewriteTemplate>,
    ReturnType<typeof rewriteTemplate>,
  ];
  expect(after.template.Resources!.Register.Properties).toEqual({
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ Region: 'us-east-1' }],
  });
  expect(before.template.Resources!.Register.Properties).toEqual(
    after.template.Resources!.Register.Properties,
  );
  expect(after.lost).toEqual([]);
  expect(restoreTemplate(after.template)).toEqual(table(overTls));
});

test('gives the template back as it was', () => {
  expect(restoreTemplate(JSON.parse(JSON.stringify(rewriteTemplate(template).template)) as Template)).toEqual(
    template,
  );
});

test('does not touch a template that MiniStack can take', () => {
  expect(rewriteTemplate({ Resources: { Bucket: template.Resources!.Bucket } }).lost).toEqual([]);
});
