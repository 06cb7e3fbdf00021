import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Repository, type IRepository } from 'aws-cdk-lib/aws-ecr';
import {
  ImageAttestation,
  ImageTrustForwarder,
  SignedManifests,
  type ImageTrustForwarderProps,
} from '../../src';
import { FAST, roleStatements, statementsOf, text } from '../support/synthesise';

const HERE = { account: '210987654321', region: 'eu-west-1' };
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/PlatformForwarded1A2B3C';

function team(env = HERE): Stack {
  return new Stack(new App({ context: FAST, analyticsReporting: false }), 'Team', { env });
}

type Signing = Pick<ImageTrustForwarderProps, 'signedManifests' | 'attestations'>;

function forwarder(repository: (stack: Stack) => IRepository, signing: Signing = {}): Stack {
  const stack = team();
  new ImageTrustForwarder(stack, 'Forwarder', {
    forwardingBusArn: BUS,
    repositories: [repository(stack)],
    ...signing,
  });
  return stack;
}

const own = (stack: Stack) => new Repository(stack, 'App', { repositoryName: 'team/app' });
const named = (stack: Stack) => Repository.fromRepositoryName(stack, 'App', 'team/app');

test('forwards pushes to the named repositories to the bus of the trust, by a role that may do only that', () => {
  const template = Template.fromStack(forwarder(named));
  const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
  expect(rule!.Properties).toMatchObject({
    EventPattern: {
      source: ['aws.ecr'],
      account: [HERE.account],
      region: [HERE.region],
      detail: { 'repository-name': ['team/app'] },
    },
    Targets: [{ Arn: BUS }],
  });
  expect(text(rule!.Properties.Targets[0].DeadLetterConfig.Arn)).toBe('ForwarderDeadLetters');
  const rights = [...roleStatements(template).values()].flat();
  expect(rights).toEqual([{ effect: 'Allow', actions: ['events:PutEvents'], resources: [BUS] }]);
});

const { SUMMARY, VERDICT } = ImageAttestation;
const SIGN = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];
const PULL = ['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:GetDownloadUrlForLayer'];

test.each([
  ['pull, list and sign', {}, [...PULL, ...SIGN].sort()],
  ['pull and list, if it signs nothing in the registry', { signedManifests: SignedManifests.NONE }, PULL],
  ['not delete for other attestations', { attestations: [VERDICT] }, [...PULL, ...SIGN].sort()],
  [
    'delete summaries too, if it writes them',
    { attestations: [VERDICT, SUMMARY] },
    [...PULL, ...SIGN, 'ecr:BatchDeleteImage'].sort(),
  ],
])('lets the account of the trust %s', (_what, signing: Signing, actions) => {
  const template = Template.fromStack(forwarder(own, signing));
  const [repository] = Object.values(template.findResources('AWS::ECR::Repository'));
  const [statement, ...others] = statementsOf({
    Statement: repository!.Properties.RepositoryPolicyText.Statement.map((each: object) => ({
      Resource: '*',
      ...each,
    })),
  });
  expect(statement).toMatchObject({ sid: 'ImageTrust111122223333', effect: 'Allow', actions });
  expect(statement!.principal).toBe('arn:Partition:iam::111122223333:root');
  expect(others).toEqual([]);
});

test('two trusts have a statement each in the policy of one repository', () => {
  const stack = team();
  const repositories = [own(stack)];
  new ImageTrustForwarder(stack, 'One', { forwardingBusArn: BUS, repositories });
  const other = BUS.replace('111122223333', '444455556666');
  new ImageTrustForwarder(stack, 'Two', { forwardingBusArn: other, repositories });
  const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  const { Statement } = repository!.Properties.RepositoryPolicyText;
  expect(Statement.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
    'ImageTrust111122223333',
    'ImageTrust444455556666',
  ]);
});

test('says which statement the policy of an imported repository needs', () => {
  Annotations.fromStack(forwarder(named)).hasWarning(
    '/Team/Forwarder',
    Match.stringLikeRegexp(
      '"Sid":"ImageTrust111122223333".*"ecr:BatchGetImage"|"ecr:BatchGetImage".*"Sid":"ImageTrust111122223333"',
    ),
  );
});

test('warns of its alarm until somebody hears it', () => {
  Annotations.fromStack(forwarder(named)).hasWarning(
    '/Team/Forwarder',
    Match.stringLikeRegexp('1 alarms have no action'),
  );
});

describe('is refused', () => {
  const forward =
    (stack: Stack, forwardingBusArn: string, repositories = [named(stack)]) =>
    () =>
      new ImageTrustForwarder(stack, 'Forwarder', { forwardingBusArn, repositories });

  test('for a trust of another region: images are scanned where they are', () => {
    const stack = team({ ...HERE, region: 'us-east-1' });
    expect(forward(stack, BUS)).toThrow(
      'Team/Forwarder is in us-east-1 and its trust in eu-west-1, allowed: the same region, because images are scanned in the region where they are; deploy an ImageTrust with the same policy in us-east-1, and forward to that one',
    );
  });

  test('for a trust of the same account, which hears these pushes itself', () => {
    expect(forward(team({ ...HERE, account: '111122223333' }), BUS)).toThrow(
      'Team/Forwarder is in the account of its trust, 111122223333, allowed: another account',
    );
  });

  test('for a repository of another place', () => {
    const stack = team();
    const other = Repository.fromRepositoryArn(
      stack,
      'Other',
      'arn:aws:ecr:eu-west-1:999999999999:repository/app',
    );
    expect(forward(stack, BUS, [other])).toThrow(
      'the repository Team/Other is in 999999999999.eu-west-1 and Team/Forwarder in 210987654321.eu-west-1, allowed: the same account and region; deploy an ImageTrustForwarder there',
    );
  });

  test('with attestations of a trust that signs nothing in the registry', () => {
    const signing = { signedManifests: SignedManifests.NONE, attestations: [SUMMARY] };
    expect(() => forwarder(own, signing)).toThrow(
      'Team/Forwarder has the attestations SUMMARY, which are written beside a signature in the registry, and signedManifests is NONE; allowed: SignedManifests.TOP or ALL, or no attestations',
    );
  });

  test('without repositories', () => {
    expect(forward(team(), BUS, [])).toThrow('Team/Forwarder forwards no repository, allowed: at least one');
  });
});
