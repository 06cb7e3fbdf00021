import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { whyQuotaIsExceeded } from '../../local/cloud/cloudformation/quotas';
import { EmergencyAccess, ImageTrust, Importer, RepositorySelector, SigningKey } from '../../src';
import {
  environmentOf,
  nameOf,
  newStack,
  resourcePolicy,
  rightsOf,
  roleStatements,
  text,
  trustStack,
  type Statement,
} from '../support/synthesise';

const ACCOUNT = '210987654321';
const ORGANIZATION = 'o-a1b2c3d4e5';
const MADE = { emergencyAccess: EmergencyAccess.BREAK_GLASS };
const { template } = trustStack({
  ...MADE,
  importers: [Importer.account(ACCOUNT), Importer.organization(ORGANIZATION)],
});
const plain = trustStack().template;

const HERE = { 'Fn::Join': ['', [{ Ref: 'AWS::AccountId' }, '.', { Ref: 'AWS::Region' }, '/*']] };
const rows = (operator: string, row: unknown) => ({
  [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': [row] },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/** What a resource of the trust allows its importers. */
const POLICIES: [of: string, policy: Statement[], actions: string[], condition: object | undefined][] = [
  ['the register', tablePolicy('TrustRegister'), ['dynamodb:GetItem'], rows('StringLike', HERE)],
  ['the policy table', tablePolicy('TrustPolicies'), ['dynamodb:GetItem'], rows('StringEquals', 'current')],
  [
    'the key',
    resourcePolicy(template, 'AWS::KMS::Key', 'TrustSigningKey', 'KeyPolicy'),
    ['kms:DescribeKey', 'kms:GetPublicKey'],
    undefined,
  ],
  [
    'their queue of requests',
    resourcePolicy(template, 'AWS::SQS::QueuePolicy', 'TrustScannerImportersPolicy'),
    ['sqs:SendMessage'],
    undefined,
  ],
];

test.each(POLICIES)(
  '%s: each importer may do exactly what a gate needs, and is named',
  (_of, policy, actions, condition) => {
    const [account, organization] = policy.filter(({ sid }) => sid?.startsWith('Ask') === true);
    expect(account).toMatchObject({
      sid: 'AskAccounts',
      effect: 'Allow',
      principal: `arn:Partition:iam::${ACCOUNT}:root`,
      actions,
    });
    expect(account!.condition).toEqual(condition);
    expect(organization).toMatchObject({
      sid: 'AskOrganizations',
      effect: 'Allow',
      principal: '*',
      actions,
    });
    // '*' stands for everybody of the organization, and for nobody else
    expect(organization!.condition).toEqual({
      ...condition,
      StringEquals: { 'aws:PrincipalOrgID': [ORGANIZATION] },
    });
  },
);

test('a key that gates accept before it signs may be read by importers', () => {
  const made = newStack();
  const next = new SigningKey(made, 'Next');
  new ImageTrust(made, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    importers: [Importer.account(ACCOUNT)],
    signing: { formerKeys: [{ key: next.key, acceptedUntil: '2127-01-31T00:00:00Z' }] },
  });
  const policy = resourcePolicy(Template.fromStack(made), 'AWS::KMS::Key', 'Next', 'KeyPolicy');
  expect(policy.filter(({ sid }) => sid === 'AskAccounts')).toMatchObject([
    { actions: ['kms:DescribeKey', 'kms:GetPublicKey'] },
  ]);
  const signs = policy.filter(({ effect, actions }) => effect === 'Allow' && actions.includes('kms:Sign'));
  expect(signs).toEqual([]);
});

test('the policy of an imported signing key is not ours: what it must allow is said', () => {
  const made = newStack();
  const arn = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  new ImageTrust(made, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    importers: [Importer.account(ACCOUNT)],
    signing: { key: new SigningKey(made, 'Key', { key: Key.fromKeyArn(made, 'Mine', arn) }) },
  });
  Annotations.fromStack(made).hasWarning(
    '/Test/Trust',
    Match.stringLikeRegexp(
      `imported signing key ${arn} is not changed: it must allow kms:DescribeKey and kms:GetPublicKey to the importers`,
    ),
  );
});

test('nothing of the trust changes by who its importers are, but these policies and whose images a grant may name', () => {
  const without = (resources: any): unknown => {
    const others = JSON.stringify(resources, (key, value) =>
      key === 'GRANT_ACCOUNTS'
        ? undefined
        : Array.isArray(value)
          ? value.filter(each => !String(each?.Sid).startsWith('Ask'))
          : (value as unknown),
    );
    return JSON.parse(others);
  };
  const published = trustStack({ ...MADE, importers: [Importer.account('999999999999')] }).template;
  expect(without(template.toJSON().Resources)).toEqual(without(published.toJSON().Resources));
});

describe('the queue of importers', () => {
  const ofImporters = (each: Template) =>
    Object.keys(each.toJSON().Resources).filter(id => id.startsWith('TrustScannerImporters'));

  test('is made for a trust that others import, with its own dead letters, and for no other', () => {
    expect(ofImporters(plain)).toEqual([]);
    expect(ofImporters(trustStack({ publishedAs: 'platform' }).template)).toEqual(ofImporters(template));
    expect(ofImporters(template).map(id => nameOf(id).replace('TrustScanner', ''))).toEqual(
      expect.arrayContaining(['Importers', 'ImportersDeadLetters', 'ImportersAlarm']),
    );
  });

  test('is all that importers may send requests to: one other queue names them, that of uses of grants', () => {
    const senders = Object.entries(template.findResources('AWS::SQS::QueuePolicy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('"Ask'),
    );
    expect(senders.map(([id]) => nameOf(id)).sort()).toEqual([
      'TrustBreakGlassMessagesPolicy',
      'TrustScannerImportersPolicy',
    ]);
  });

  test('is what is published', () => {
    const { Outputs } = trustStack({ publishedAs: 'platform' }).template.toJSON();
    expect(text(Outputs.TrustedImagesScanRequestsQueueUrl.Value)).toBe('TrustScannerImporters');
    expect(text(Outputs.TrustedImagesScanRequestsQueueArn.Value)).toBe('TrustScannerImporters');
  });

  test('keeps a request as long as a deployment waits, and its alarm has the action of all alarms', () => {
    const queue = Object.entries(template.findResources('AWS::SQS::Queue')).find(
      ([id]) => nameOf(id) === 'TrustScannerImporters',
    )![1];
    expect(queue.Properties.MessageRetentionPeriod).toBe(7200);
    const alarm = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).find(
      ([id]) => nameOf(id) === 'TrustScannerImportersAlarm',
    )![1];
    expect(alarm.Properties.AlarmActions.map(text)).toEqual(['TrustAlertsTopic']);
  });

  test('is read by the dispatcher, which may send a waiting message again', () => {
    expect(environmentOf(template, 'Takes the scan lease')).toMatchObject({
      IMPORTER_REQUESTS_QUEUE_URL: 'TrustScannerImporters',
      IMPORTER_REQUESTS_DLQ_URL: 'TrustScannerImportersDeadLetters',
    });
    const rights = rightsOf(roleStatements(template).get('TrustScannerDispatcherRole')!);
    const before = rightsOf(roleStatements(plain).get('TrustScannerDispatcherRole')!);
    expect(rights.filter(right => !before.includes(right))).toEqual([
      'Allow sqs:SendMessage TrustScannerImporters',
      'Allow sqs:SendMessage TrustScannerImportersDeadLetters',
    ]);
  });
});

describe('as many as the policy of a queue has room for', () => {
  const accounts = (count: number) =>
    Array.from({ length: count }, (_, index) => Importer.account(String(200_000_000_000 + index)));
  const organizations = (count: number) =>
    Array.from({ length: count }, (_, index) => Importer.organization(`o-a1b2c3d4${10 + index}`));

  test('are named in two statements, and are within the quotas of AWS', () => {
    const importers = [...accounts(48), ...organizations(9)];
    const full = trustStack({ importers: [...importers, ...importers] }).template;
    expect(whyQuotaIsExceeded(full.toJSON())).toBeUndefined();
    const asks = resourcePolicy(full, 'AWS::SQS::QueuePolicy', 'TrustScannerImportersPolicy').filter(
      ({ sid }) => sid?.startsWith('Ask') === true,
    );
    expect(asks.map(({ sid }) => sid)).toEqual(['AskAccounts', 'AskOrganizations']);
  });

  test('and no more', () => {
    expect(() => trustStack({ importers: accounts(49) })).toThrow(
      'the trust Test/Trust has 49 importing accounts, allowed: 48 at most, because the policy of an Amazon SQS queue names 50 principals at most; list their organization: Importer.organization("o-…")',
    );
    expect(() => trustStack({ importers: organizations(10) })).toThrow(
      'the trust Test/Trust has 10 importing organizations, allowed: 9 at most, because the policy of an Amazon SQS queue has 10 conditions at most; list the accounts that ask: Importer.account("210987654321")',
    );
  });
});

test('without importers, no policy allows anything to another account', () => {
  expect(JSON.stringify(plain.toJSON())).not.toContain('"AskAccount');
  expect(JSON.stringify(plain.toJSON())).not.toContain('PrincipalOrgID');
});

test.each(['*', '12345678901', 'arn:aws:iam::210987654321:root', ''])('the account %j is refused', given => {
  expect(() => Importer.account(given)).toThrow(
    `the importing account ${JSON.stringify(given)} is not an account, allowed: 12 digits, for example "210987654321"`,
  );
});

test.each(['*', 'o-short', 'O-A1B2C3D4E5', 'o-a1b2c3d4e5/*'])('the organization %j is refused', given => {
  expect(() => Importer.organization(given)).toThrow(
    `the importing organization ${JSON.stringify(given)} is not the id of an organization, allowed: "o-" and 10 to 32 lower-case letters and digits, for example "o-a1b2c3d4e5"`,
  );
});

test('a token is no name of an account: nobody could see who may ask', () => {
  expect(() => Importer.account(newStack().account)).toThrow('given as a token');
});

function tablePolicy(name: string): Statement[] {
  const [, { Properties }] = Object.entries(template.findResources('AWS::DynamoDB::GlobalTable')).find(
    ([id]) => id.slice(0, -8) === name,
  )!;
  return resourcePolicyOf(Properties.Replicas[0].ResourcePolicy.PolicyDocument);
}

function resourcePolicyOf(document: { Statement: any[] }): Statement[] {
  return document.Statement.map(({ Sid, Effect, Action, Principal, Condition }) => ({
    sid: Sid,
    effect: Effect,
    actions: [Action].flat(),
    resources: [],
    principal:
      typeof Principal === 'string'
        ? Principal
        : typeof Principal.AWS === 'string'
          ? Principal.AWS
          : joined(Principal.AWS),
    condition: Condition,
  }));
}

function joined({ 'Fn::Join': [, parts] }: { 'Fn::Join': [string, unknown[]] }): string {
  return parts.map(part => (typeof part === 'string' ? part : 'Partition')).join('');
}
