import { cloud } from './cloud';
import { nameOf, quickstart, resource, type QuickstartNames } from './quickstart';
import { clientsAs } from '../../local/cloud/assume-role';
import type { AwsClients } from '../../local/cloud/aws-clients';

/** Roles of the quickstart, by their logical ids. */
const ROLES = {
  scan: 'TrustScannerProjectRole',
  dispatch: 'TrustScannerDispatcherRole',
  reconcile: 'TrustScannerReconcilerRole',
  evaluate: 'TrustEvaluatorRole',
  publish: 'TrustEvaluatorPolicyRole',
  sign: 'TrustSignerRole',
  record: 'TrustFindingsRecorderRole',
  notify: 'TrustAlertsNotifierRole',
} as const;
type Role = keyof typeof ROLES;

const IMAGE = () => nameOf('team/app', `sha256:${'0'.repeat(64)}`);

/** What could open a gate or leak something, and who may do it. */
const ACTIONS: readonly {
  readonly name: string;
  readonly may: readonly Role[];
  run(aws: AwsClients, names: QuickstartNames): Promise<unknown>;
}[] = [
  {
    name: 'write incoming/',
    may: ['scan'],
    run: ({ s3 }, { uploads: Bucket }) => s3.putObject({ Bucket, Key: 'incoming/x/x', Body: 'test' }),
  },
  {
    name: 'write scans/',
    may: ['evaluate'],
    run: ({ s3 }, { Bucket }) =>
      s3.putObject({ Bucket, Key: `scans/${Math.random()}`, Body: 'test', IfNoneMatch: '*' }),
  },
  {
    name: 'write verdicts/',
    may: ['evaluate'],
    run: ({ s3 }, { Bucket }) =>
      s3.putObject({ Bucket, Key: `verdicts/${Math.random()}`, Body: 'test', IfNoneMatch: '*' }),
  },
  {
    name: 'write policies/',
    may: ['publish'],
    run: ({ s3 }, { Bucket }) => s3.putObject({ Bucket, Key: `policies/${Math.random()}`, Body: 'test' }),
  },
  {
    name: 'delete evidence',
    may: [],
    run: ({ s3 }, { Bucket }) => s3.deleteObject({ Bucket, Key: 'verdicts/x' }),
  },
  {
    name: 'read incoming/',
    may: ['evaluate'],
    run: ({ s3 }, { uploads: Bucket }) => s3.getObject({ Bucket, Key: 'incoming/marker' }),
  },
  {
    name: 'read the register',
    may: ['dispatch', 'reconcile', 'evaluate', 'sign', 'record', 'notify'],
    run: ({ dynamodb }, { register }) =>
      dynamodb.getItem({ TableName: register, Key: { pk: { S: IMAGE() } } }),
  },
  {
    name: 'write the register',
    may: ['dispatch', 'evaluate', 'sign'],
    run: ({ dynamodb }, { register }) =>
      dynamodb.putItem({ TableName: register, Item: { pk: { S: 'test' } } }),
  },
  {
    name: 'put a active policy',
    may: ['publish'],
    run: ({ dynamodb }, { policies }) =>
      dynamodb.putItem({ TableName: policies, Item: { policy: { S: 'test' } } }),
  },
  {
    name: 'write findings',
    may: ['record'],
    run: ({ dynamodb }, { findings }) =>
      dynamodb.batchWriteItem({
        RequestItems: { [findings]: [{ PutRequest: { Item: { pk: { S: 'test' }, sk: { S: 'test' } } } }] },
      }),
  },
  {
    name: 'start a scan',
    may: ['dispatch'],
    run: ({ codebuild }, { project }) =>
      codebuild.startBuild({
        projectName: project,
        buildspecOverride: '{"version":"0.2","phases":{"build":{"commands":["true"]}}}',
      }),
  },
  {
    name: 'publish to the topic',
    may: ['notify'],
    run: ({ sns }, { topic }) => sns.publish({ TopicArn: topic, Message: 'test' }),
  },
  {
    name: 'publish something',
    may: ['evaluate', 'sign'], // which of them what, the emulator does not tell apart
    run: ({ events }, { bus }) =>
      events.putEvents({
        Entries: [{ EventBusName: bus, Source: 'trusted-images', DetailType: 'Test', Detail: '{}' }],
      }),
  },
  {
    name: 'push an image',
    may: ['sign'],
    run: ({ ecr }) => ecr.initiateLayerUpload({ repositoryName: 'team/app' }),
  },
  {
    name: 'tag an image',
    may: ['sign'],
    run: ({ ecr }) =>
      ecr.putImage({
        repositoryName: 'team/app',
        imageManifest: JSON.stringify({ n: Math.random() }),
        imageTag: `x${Math.random()}`,
      }),
  },
  {
    name: 'delete an image',
    may: [],
    run: ({ ecr }) => ecr.batchDeleteImage({ repositoryName: 'team/app', imageIds: [{ imageTag: 'x' }] }),
  },
  {
    name: 'sign',
    may: ['sign'],
    run: ({ kms }, { signingKey }) =>
      kms.sign({
        KeyId: signingKey,
        Message: Buffer.alloc(32),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
  },
  {
    name: 'let others sign',
    may: [],
    run: ({ kms }, { signingKey }) =>
      kms.createGrant({
        KeyId: signingKey,
        GranteePrincipal: `arn:aws:iam::${cloud().account}:root`,
        Operations: ['Sign'],
      }),
  },
  {
    name: 'change who signs',
    may: [],
    run: ({ kms }, { signingKey }) =>
      kms.putKeyPolicy({ KeyId: signingKey, PolicyName: 'default', Policy: '{}' }),
  },
];

const CASES = (Object.keys(ROLES) as Role[]).flatMap(role =>
  ACTIONS.map(action => ({
    role,
    action: action.name,
    verb: action.may.includes(role) ? 'may' : 'may not',
    allowed: action.may.includes(role),
    run: action.run,
  })),
);

let clients: Record<Role, AwsClients>;
let names: QuickstartNames;

beforeAll(async () => {
  await quickstart();
  names = await namesOfQuickstart();
  const entries = (Object.keys(ROLES) as Role[]).map(async role => [role, await as(ROLES[role])]);
  clients = Object.fromEntries(await Promise.all(entries)) as Record<Role, AwsClients>;
  await clients.scan.s3.putObject({ Bucket: names.uploads, Key: 'incoming/marker', Body: 'marker' });
});

test.each(CASES)('rule 5.3, separation of duties: $role $verb $action', async ({ role, allowed, run }) => {
  const isDenial = (error: Error) =>
    /AccessDenied|not authorized|denied/i.test(`${error.name} ${error.message}`);
  const outcome = await run(clients[role], names).then(
    () => 'allowed',
    (error: Error) => (isDenial(error) ? 'denied' : `allowed, then ${error.name}`),
  );
  expect(outcome).toMatch(allowed ? /^allowed/ : /^denied/);
});

test("rule 5.8, the key signs only PASS: the account's administrators cannot sign either, and cannot let others", async () => {
  const { signingKey } = names;
  const digest = {
    KeyId: signingKey,
    Message: Buffer.alloc(32),
    MessageType: 'DIGEST',
    SigningAlgorithm: 'ECDSA_SHA_256',
  } as const;
  await expect(cloud().kms.sign(digest)).rejects.toThrow(/explicit deny in a resource-based policy/);
  await expect(
    cloud().kms.createGrant({
      KeyId: signingKey,
      GranteePrincipal: `arn:aws:iam::${cloud().account}:root`,
      Operations: ['Sign'],
    }),
  ).rejects.toThrow(/explicit deny/);
});

async function as(logicalId: string): Promise<AwsClients> {
  return clientsAs(cloud(), cloud(), await resource('AWS::IAM::Role', logicalId));
}

async function namesOfQuickstart(): Promise<QuickstartNames> {
  const {
    EvidenceBucketName: Bucket,
    RegisterTableName: register,
    FindingsTableName: findings,
    AlertsTopicArn: topic,
  } = await quickstart();
  const [uploads, policies, project, bus, signingKey] = await Promise.all([
    resource('AWS::S3::Bucket', 'TrustEvidenceUploads'),
    resource('AWS::DynamoDB::GlobalTable', 'TrustPolicies'),
    resource('AWS::CodeBuild::Project', 'TrustScannerProject'),
    resource('AWS::Events::EventBus', 'TrustEvents'),
    resource('AWS::KMS::Key', 'Key'),
  ]);
  return { Bucket, uploads, register, findings, topic, policies, project, bus, signingKey };
}
