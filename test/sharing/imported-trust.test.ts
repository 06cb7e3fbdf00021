import { App, Stack, Stage, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { whyQuotaIsExceeded } from '../../local/cloud/cloudformation/quotas';
import {
  AdmissionKey,
  AdmissionPolicies,
  AlertTopic,
  CloudFormationGate,
  EcsDeploymentGate,
  EmergencyAccess,
  Enforcement,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
  RunWatcher,
  TrustedImage,
  type IImageTrust,
  type ImportFromAttributesProps,
} from '../../src';
import { tagged } from '../gates/gated-stack';
import { environmentOf, FAST, rightsOf, roleStatements, text, type Statement } from '../support/synthesise';

const OWNER = '111111111111';
const TEAM = '222222222222';
const KEY = `arn:aws:kms:us-east-1:${OWNER}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const FORMER = `arn:aws:kms:us-east-1:${OWNER}:key/4321dcba-12ab-34cd-56ef-1234567890ab`;

const attributes = (stack: Stack): ImportFromAttributesProps => ({
  schemaVersion: '1',
  registerTableArn: `arn:aws:dynamodb:us-east-1:${OWNER}:table/Register`,
  policiesTableArn: `arn:aws:dynamodb:us-east-1:${OWNER}:table/Policies`,
  scanRequestsQueueArn: `arn:aws:sqs:us-east-1:${OWNER}:Requests`,
  evidenceBucketName: 'evidence',
  signingKeys: [{ keyArn: KEY }, { keyArn: FORMER, acceptedUntil: '2127-01-31T00:00:00Z' }],
  alertTopic: AlertTopic.text(new Topic(stack, 'Alerts')),
});
const repositoryOf = (stack: Stack, account = OWNER, region = 'us-east-1') =>
  Repository.fromRepositoryArn(stack, 'Repository', `arn:aws:ecr:${region}:${account}:repository/team/app`);

/** A stack of another team: an app and a stage of its own. */
function team(env = { account: TEAM, region: 'eu-west-1' }): Stack {
  const app = new App({ context: FAST, analyticsReporting: false });
  return new Stack(new Stage(app, 'Production'), 'Team', { env });
}

/** What each role of the gate may, without the address of the trust in names. */
function rights(template: Template): Record<string, string[]> {
  const plain = (value: Map<string, Statement[]>) =>
    JSON.parse(
      JSON.stringify(Object.fromEntries(value)).replace(/TrustedImagesc8[0-9a-f]{6}/g, ''),
    ) as Record<string, Statement[]>;
  return Object.fromEntries(
    Object.entries(plain(roleStatements(template))).map(([role, statements]) => [role, rightsOf(statements)]),
  );
}

/**
 * In the account of the trust, the policy of a role is all that limits it: no gate reads who imports, what
 * the brake counts, or the source of the policy.
 */
function expectRowsOfGates(template: Template, register: unknown, policies: unknown): void {
  const asking = [...roleStatements(template).values()]
    .flat()
    .filter(({ actions }) => actions.some(action => action.startsWith('dynamodb:')));
  const statement = (table: unknown, operator: string, row: string) => ({
    effect: 'Allow',
    sid: undefined,
    actions: ['dynamodb:GetItem'],
    resources: [table],
    condition: { [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': [row] } },
  });
  const both = [
    statement(register, 'StringLike', '*@sha256:*'),
    statement(policies, 'StringEquals', 'current'),
  ];
  expect(asking).toEqual([...both, ...both]); // of the functions that request and that wait
}

const propertiesOf = (template: Template): any =>
  Object.values(template.findResources('Custom::TrustedImage'))[0]!.Properties;

describe('by attributes, from another account and region', () => {
  const stack = team();
  TrustedImage.fromTag(stack, 'Image', {
    trust: ImageTrust.fromAttributes(stack, 'Trust', {
      ...attributes(stack),
      repositories: [RepositorySelector.prefix('team/')],
    }),
    repository: repositoryOf(stack),
    tag: 'v1',
  });
  const template = Template.fromStack(stack);

  test('its functions may ask the trust exactly this, and nothing else of its account', () => {
    const ask = [
      `Allow dynamodb:GetItem arn:aws:dynamodb:us-east-1:${OWNER}:table/Policies`,
      `Allow dynamodb:GetItem arn:aws:dynamodb:us-east-1:${OWNER}:table/Register`,
      `Allow kms:DescribeKey ${FORMER}`,
      `Allow kms:DescribeKey ${KEY}`,
      `Allow kms:GetPublicKey ${FORMER}`,
      `Allow kms:GetPublicKey ${KEY}`,
    ];
    const made = rights(template);
    const anyStack = 'arn:Partition:cloudformation:eu-west-1:222222222222:stack/*';
    expect(made.TrustGateRequestRole).toEqual(
      [
        ...ask,
        `Allow cloudformation:DescribeStackResource ${anyStack}`,
        `Allow cloudformation:DescribeStacks ${anyStack}`,
        `Allow ecr:BatchGetImage arn:Partition:ecr:us-east-1:${OWNER}:repository/*`,
        'Allow sqs:SendMessage TrustGateDeployments',
        'Allow sqs:SendMessage TrustGateDeploymentsDeadLetters',
        `Allow sqs:SendMessage arn:aws:sqs:us-east-1:${OWNER}:Requests`,
      ].sort(),
    );
    expect(made.TrustGateAwaitRole).toEqual(
      [
        ...ask,
        'Allow sns:Publish Alerts',
        'Allow sqs:SendMessage TrustGateDeployments',
        'Allow sqs:SendMessage TrustGateDeploymentsDeadLetters',
      ].sort(),
    );
  });

  test('rule 5.3, separation of duties: they may read rows of images and the active policy, and no other rows', () => {
    const table = (name: string) => `arn:aws:dynamodb:us-east-1:${OWNER}:table/${name}`;
    expectRowsOfGates(template, table('Register'), table('Policies'));
  });

  test('they know the keys by the template, where the trust is, and whom to ask for what', () => {
    const request = environmentOf(template, 'Requests the scan');
    expect(request).toMatchObject({
      TRUST_OWNER: `${OWNER}.us-east-1`,
      REGISTER_TABLE: `arn:aws:dynamodb:us-east-1:${OWNER}:table/Register`,
      SCAN_REQUESTS_QUEUE_URL: `https://sqs.us-east-1.URLSuffix/${OWNER}/Requests`,
    });
    expect(JSON.parse(request.PINNED_KEYS!)).toEqual([
      { arn: KEY },
      { arn: FORMER, acceptedUntil: '2127-01-31T00:00:00Z' },
    ]);
  });

  test('alarms go to the topic of the importing team, also on a refusal that was ignored', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    const [{ Properties }, ...others] = alarms as [Record<string, any>, ...object[]];
    expect(others).toEqual([]);
    expect(Properties.AlarmActions.map(text)).toEqual(['Alerts']);
    const watched = Properties.Metrics.flatMap(({ MetricStat }: any) => MetricStat?.Metric.MetricName ?? []);
    expect(watched).toEqual(['ApproximateNumberOfMessagesVisible', 'RefusalsIgnored']);
  });

  test('a resource of the stack tells the trust who imports it, once for all images', () => {
    expect(Object.values(template.findResources('Custom::TrustedImagesImporter'))).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({
          ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^TrustedImagesGate/), 'Arn'] },
        }),
      }),
    ]);
  });

  test('the image is pulled from the account of the trust, and says nothing that its gate knows', () => {
    expect(propertiesOf(template)).toMatchObject({ Account: OWNER, Region: 'us-east-1' });
    expect(propertiesOf(template).Repositories).toBeUndefined();
    expect(propertiesOf(template).PinnedKeys).toBeUndefined();
    expect(environmentOf(template, 'Requests the scan')).toMatchObject({
      TRUST_SCHEMA_VERSION: '1',
      REPOSITORIES: '[{"by":"prefix","prefix":"team/"}]',
    });
  });
});

describe('by the name of a stack, from another stage', () => {
  const stack = team({ account: OWNER, region: 'us-east-1' });
  tagged(stack, ImageTrust.fromStackName(stack, 'Trust', { stackName: 'Platform' }));
  const template = Template.fromStack(stack);

  test('each deployment of an image reads the keys, the schema and what is enrolled', () => {
    expect(environmentOf(template, 'Requests the scan')).toMatchObject({ TRUST_OUTPUTS_OF: 'Platform' });
    expect(rights(template).TrustGateRequestRole).toContain(
      `Allow cloudformation:DescribeStacks arn:Partition:cloudformation:us-east-1:${OWNER}:stack/Platform/*`,
    );
    for (const start of ['Requests the scan', 'Waits for an image']) {
      expect(environmentOf(template, start).PINNED_KEYS).toBeUndefined();
    }
  });

  test('rule 5.3, separation of duties: in the account of the trust too, they may read no other rows', () => {
    expectRowsOfGates(template, expect.anything(), expect.anything());
  });

  test('the right to fetch public keys is for signing keys of the account and region of the trust', () => {
    const statements = [...roleStatements(template).values()]
      .flat()
      .filter(({ actions }) => actions.some(action => action.startsWith('kms:GetPublicKey')));
    expect(statements).toHaveLength(2);
    for (const statement of statements) {
      expect(statement).toEqual({
        effect: 'Allow',
        sid: undefined,
        actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
        resources: [`arn:Partition:kms:us-east-1:${OWNER}:key/*`],
        condition: { StringEquals: { 'kms:KeySpec': 'ECC_NIST_P256', 'kms:KeyUsage': 'SIGN_VERIFY' } },
      });
    }
  });

  test('synthesis asks nobody', () => {
    const assembly = (stack.node.root as App).synth();
    expect(assembly.manifest.missing).toBeUndefined();
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ImportValue|resolve:ssm/);
  });

  test('of another region: read there, and with a topic of this one', () => {
    const here = team({ account: OWNER, region: 'eu-west-1' });
    expect(() =>
      ImageTrust.fromStackName(here, 'Trust', { stackName: 'Platform', region: 'us-east-1' }),
    ).toThrow(
      'the trust Production/Team/Trust is in us-east-1, and alarms need a topic of their own region: set alertTopic',
    );
    const trust = ImageTrust.fromStackName(here, 'Imported', {
      stackName: 'Platform',
      region: 'us-east-1',
      alertTopic: AlertTopic.text(new Topic(here, 'Alerts')),
    });
    TrustedImage.fromTag(here, 'Image', { trust, repository: repositoryOf(here), tag: 'v1' });
    const made = Template.fromStack(here);
    expect(rights(made)).toMatchObject({
      ImportedGateRequestRole: expect.arrayContaining([
        `Allow cloudformation:DescribeStacks arn:Partition:cloudformation:us-east-1:${OWNER}:stack/Platform/*`,
      ]),
    });
    expect(environmentOf(made, 'Requests the scan').TRUST_OWNER).toBe(`${OWNER}.us-east-1`);
  });
});

describe('by parameters', () => {
  const stack = team({ account: OWNER, region: 'us-east-1' });
  tagged(
    stack,
    ImageTrust.fromParameters(stack, 'Trust', { publishedAs: 'platform', signingKeys: [{ keyArn: KEY }] }),
  );
  const template = Template.fromStack(stack);

  test('places come from parameters of the stack, and the keys from the app, never from a parameter', () => {
    const { REGISTER_TABLE, PINNED_KEYS } = environmentOf(template, 'Requests the scan');
    const ids = Object.entries(template.toJSON().Parameters as Record<string, object>);
    expect(ids.find(([id]) => id.startsWith(REGISTER_TABLE!))![1]).toEqual({
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/trusted-images/platform/v1/register-table-arn',
    });
    expect(PINNED_KEYS).toBe(JSON.stringify([{ arn: KEY }]));
    expect(JSON.stringify(template.toJSON())).not.toContain('/signing-keys');
  });

  test('the gate reads the schema and what is enrolled at each deployment of an image, and an image names nothing that a changed parameter would change', () => {
    expect(environmentOf(template, 'Requests the scan')).toMatchObject({ TRUST_PARAMETERS_OF: 'platform' });
    const path = `arn:Partition:ssm:us-east-1:${OWNER}:parameter/trusted-images/platform/v1`;
    expect(rights(template).TrustGateRequestRole).toEqual(
      expect.arrayContaining([
        `Allow ssm:GetParameter ${path}/schema-version`,
        `Allow ssm:GetParameter ${path}/repositories`,
      ]),
    );
    expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:');
  });

  /** A stack with as much of everything as it can have, and so many images. */
  function full(images: number): Stack {
    const made = team({ account: OWNER, region: 'us-east-1' });
    const trust = ImageTrust.fromParameters(made, 'Trust', {
      publishedAs: 'platform',
      signingKeys: [{ keyArn: KEY }],
      emergencyAccess: EmergencyAccess.BREAK_GLASS,
    });
    new CloudFormationGate(made, 'Changes', { trust, enforcement: Enforcement.refuse() });
    new EcsDeploymentGate(made, 'Services', { trust });
    new PipelineGate(made, 'Pipelines', { trust });
    new RunWatcher(made, 'Runs', { trust });
    const repository = repositoryOf(made);
    for (let each = 0; each < images; each++) {
      TrustedImage.fromTag(made, `Image${each}`, { trust, repository, tag: `v${each}` });
    }
    return made;
  }

  test('every gate and 60 images are within the quota of CloudFormation, each place is read once', () => {
    const made = Template.fromStack(full(60)).toJSON();
    expect(whyQuotaIsExceeded(made)).toBeUndefined();
    const places = Object.values(made.Parameters as Record<string, { Default: string }>)
      .map(({ Default }) => Default)
      .filter(name => name.startsWith('/trusted-images/'));
    expect(places).toHaveLength(new Set(places).size);
    expect(places.length).toBeGreaterThan(10);
    const unused = Object.keys(made.Parameters).filter(
      id => !id.includes('Bootstrap') && !JSON.stringify(made.Resources).includes(`{"Ref":"${id}"}`),
    );
    expect(unused).toEqual([]);
  });

  test('a stack beside the one that imports has parameters of its own, and needs nothing of that stack', () => {
    const made = team({ account: OWNER, region: 'us-east-1' });
    const beside = new Stack(made.node.scope!, 'Beside', { env: { account: OWNER, region: 'us-east-1' } });
    const trust = ImageTrust.fromParameters(made, 'Trust', {
      publishedAs: 'platform',
      signingKeys: [{ keyArn: KEY }],
    });
    new RunWatcher(beside, 'Runs', { trust });
    const asks = Template.fromStack(beside).toJSON();
    expect(JSON.stringify(asks.Parameters)).toContain('/trusted-images/platform/v1/alerts-topic-arn');
    expect(JSON.stringify(asks)).not.toContain('GetStackOutput');
  });
});

describe('what cannot be right is refused at synthesis', () => {
  const refused = (changes: Partial<ImportFromAttributesProps>) => () => {
    const stack = team();
    return ImageTrust.fromAttributes(stack, 'Trust', { ...attributes(stack), ...changes });
  };

  test('a schema version that this library does not know', () => {
    expect(refused({ schemaVersion: '2' })).toThrow(
      'Production/Team/Trust: the trust is published with schemaVersion "2", allowed: "1"; deploy this stack with the version of cdk-trusted-images that the trust is deployed with',
    );
  });

  test.each([
    ['no key', []],
    ['an alias', [{ keyArn: `arn:aws:kms:us-east-1:${OWNER}:alias/images` }]],
    ['a time that is none', [{ keyArn: KEY, acceptedUntil: 'tomorrow' }]],
  ])('%s', (_what, signingKeys) => {
    expect(refused({ signingKeys })).toThrow(
      /^signingKeys of Production\/Team\/Trust cannot be read .* allowed: at least one key, by its ARN/,
    );
  });

  test('an image of another region than the trust, and one of another account, if nobody says that it judges it', () => {
    const stack = team();
    const given = attributes(stack);
    const without = ImageTrust.fromAttributes(stack, 'Without', given);
    const listed = ImageTrust.fromAttributes(stack, 'Trust', {
      ...given,
      repositories: [RepositorySelector.name('team/app').inAccount(TEAM)],
    });
    const deploy =
      (id: string, arn: string, trust: IImageTrust = listed) =>
      () =>
        TrustedImage.fromTag(stack, id, {
          trust,
          repository: Repository.fromRepositoryArn(stack, `${id}Repository`, arn),
          tag: 'v1',
        });
    expect(deploy('Ours', `arn:aws:ecr:us-east-1:${TEAM}:repository/team/app`)).not.toThrow();
    expect(deploy('Unsaid', `arn:aws:ecr:us-east-1:${TEAM}:repository/team/app`, without)).toThrow(
      `the repository Production/Team/UnsaidRepository is in ${TEAM}.us-east-1, and its trust Production/Team/Without was imported without its repositories, so it judges images of ${OWNER}.us-east-1 only; allowed: repositories, with each of another account`,
    );
    expect(deploy('There', `arn:aws:ecr:eu-west-1:${OWNER}:repository/team/app`)).toThrow(
      `the repository Production/Team/ThereRepository is in ${OWNER}.eu-west-1, and its trust Production/Team/Trust judges images of the region us-east-1 only, allowed: a repository there`,
    );
  });

  test('a trust that was imported into a stack of another place', () => {
    const stack = team();
    const other = new Stack(stack.node.scope!, 'Other', { env: { account: TEAM, region: 'us-east-1' } });
    const trust: IImageTrust = ImageTrust.fromAttributes(other, 'Trust', attributes(other));
    expect(() => tagged(stack, trust)).toThrow(/import the trust into the stack of the image$/);
  });
});

test('attributes may be tokens: nothing is checked that is not known', () => {
  const stack = team();
  const token = (name: string) => Token.asString({ Ref: name });
  const trust = ImageTrust.fromAttributes(stack, 'Trust', {
    ...attributes(stack),
    schemaVersion: token('Schema'),
    signingKeys: [{ keyArn: token('Key') }],
  });
  TrustedImage.fromTag(stack, 'Image', {
    trust,
    repository: repositoryOf(stack),
    tag: 'v1',
    enforcement: Enforcement.audit(),
  });
  expect(environmentOf(Template.fromStack(stack), 'Requests the scan').TRUST_SCHEMA_VERSION).toBe('Schema');
});

test.each<[string, (stack: Stack, trust: IImageTrust) => unknown]>([
  [
    'CloudFormationGate',
    (stack, trust) => new CloudFormationGate(stack, 'Gate', { trust, enforcement: Enforcement.refuse() }),
  ],
  ['EcsDeploymentGate', (stack, trust) => new EcsDeploymentGate(stack, 'Gate', { trust })],
  ['PipelineGate', (stack, trust) => new PipelineGate(stack, 'Gate', { trust })],
  ['RunWatcher', (stack, trust) => new RunWatcher(stack, 'Gate', { trust })],
])('a stack with no more than a %s tells the trust that it asks, once', (_what, add) => {
  const stack = team();
  const trust = ImageTrust.fromAttributes(stack, 'Trust', attributes(stack));
  add(stack, trust);
  new PipelineGate(stack, 'Other', { trust });
  const told = Template.fromStack(stack).findResources('Custom::TrustedImagesImporter');
  expect(Object.keys(told)).toHaveLength(1);
});

test('policies for Kubernetes name the repository and the key of a trust of another account', () => {
  const stack = team();
  const policies = new AdmissionPolicies({
    repositories: [repositoryOf(stack)],
    keys: [AdmissionKey.kms(Key.fromKeyArn(stack, 'Key', KEY))],
  });
  const yaml = policies.forPolicyController().toYaml();
  expect(yaml).toContain(`${OWNER}.dkr.ecr.us-east-1.amazonaws.com/team/app`);
  expect(yaml).toContain(`awskms:///${KEY}`);
});
