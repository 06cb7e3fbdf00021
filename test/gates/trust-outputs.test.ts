import { App, Aspects, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct, type IConstruct } from 'constructs';
import { tagged } from './gated-stack';
import { partsIn } from './parts';
import {
  AlertTopic,
  DeploymentProbe,
  EcsDeploymentGate,
  EmergencyAccess,
  EvidenceBucket,
  FindingsStorage,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
  type ImageTrustProps,
  type IImageTrust,
} from '../../src';
import { TrustOutput } from '../../src/gates/trust-outputs';
import { newStack } from '../support/synthesise';

const ours = (platform: Stack, props: Partial<ImageTrustProps> = {}) =>
  new ImageTrust(platform, 'Trust', { repositories: [RepositorySelector.prefix('team/')], ...props });
const composed = (platform: Stack) =>
  ImageTrust.fromParts(
    new Stack(platform.node.root as App, 'Composed'),
    'Trust',
    partsIn(new Construct(platform, 'Parts')),
  );

const GATES: [name: string, make: (stack: Stack, trust: IImageTrust) => unknown][] = [
  ['EcsDeploymentGate', (stack, trust) => new EcsDeploymentGate(stack, 'Gate', { trust })],
  ['PipelineGate', (stack, trust) => new PipelineGate(stack, 'Gate', { trust })],
];

describe.each([
  ['an ImageTrust', ours],
  ['parts that are put together in a third stack', composed],
])('a gate of %s', (_, make) => {
  test.each(GATES)(
    '%s in another stack imports the register, so that nobody deletes it, and nothing else',
    (__, gate) => {
      const platform = newStack();
      const app = new Stack(platform.node.root as App, 'App');
      gate(app, make(platform));
      const template = JSON.stringify(Template.fromStack(app).toJSON());
      const imports = [...template.matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name!);
      expect(new Set(imports.map(name => name.replace(/[0-9A-F]{8}.*/, '')))).toEqual(
        new Set(
          ['FnGetAtt', 'Ref'].map(how => expect.stringMatching(`ExportsOutput${how}\\w+Register$`) as string),
        ),
      );
      expect(template).toContain('Fn::GetStackOutput');
    },
  );
});

test('parts that are put together keep outputs and former exports, whether a gate asks or not', () => {
  const platform = newStack({}, { stackName: 'Platform' });
  composed(platform);
  const outputs = Template.fromStack(platform).findOutputs('*');
  for (const name of Object.values(TrustOutput)) {
    expect(Object.keys(outputs)).toContainEqual(expect.stringMatching(`^${name}[0-9a-f]{8}$`));
  }
  const exported = Object.keys(outputs).filter(id => id.startsWith('ExportsOutput'));
  for (const part of ['Register', 'Policies', 'Evidence', 'Requests']) {
    expect(exported).toContainEqual(expect.stringContaining(part));
  }
});

test('an alarm of a gate in another stack keeps the actions that an aspect of the app adds', () => {
  const platform = newStack({}, { stackName: 'Platform' });
  const app = new Stack(platform.node.root as App, 'App');
  GATES[0]![1](app, ours(platform));
  const visit = (node: IConstruct) => {
    if (node instanceof Alarm) node.addAlarmAction({ bind: () => ({ alarmActionArn: 'arn:of:central' }) });
  };
  Aspects.of(app).add({ visit });
  const alarms = Object.values(Template.fromStack(app).findResources('AWS::CloudWatch::Alarm'));
  expect(alarms.length).toBeGreaterThan(0);
  for (const { Properties } of alarms) {
    const actions = JSON.stringify(Properties.AlarmActions);
    expect(actions).toContain('arn:of:central');
    expect(actions).toContain('Fn::GetStackOutput');
  }
});

/** What gates of the first version imported. */
const FORMER = [
  /^FnGetAttTrustBreakGlass\w{8}Arn/,
  /^FnGetAttTrustBreakGlassMessages\w{8}Arn/,
  /^FnGetAttTrustPolicies\w{8}Arn/,
  /^FnGetAttTrustRegister\w{8}Arn/,
  /^RefTrustAlertsTopic/,
  /^RefTrustBreakGlass\w{16}$/,
  /^RefTrustBreakGlassMessages/,
  /^RefTrustEvidence/,
  /^RefTrustPolicies/,
  /^RefTrustRegister/,
  /^RefTrustScannerProbeRepository/,
  /^RefTeamRepository/,
];

/** A trust in one stack, and in another stack an image of it or a gate. */
function apart(
  props: Partial<ImageTrustProps> = {},
  { asks = GATES[0]![1], then }: { asks?: Asks; then?: (trust: ImageTrust) => unknown } = {},
) {
  const platform = newStack({}, { stackName: 'Platform' });
  const trust = ours(platform, props);
  const app = new Stack(platform.node.root as App, 'App');
  asks(app, trust);
  then?.(trust);
  return { platform: Template.fromStack(platform), app: Template.fromStack(app) };
}
type Asks = (stack: Stack, trust: ImageTrust) => unknown;

const anImage: Asks = (stack, trust) => void tagged(stack, trust);
const outputsOf = (template: Template) => template.findOutputs('*');
const grantsOf = (template: Template) =>
  Object.keys(template.toJSON().Resources).filter(id => id.startsWith('TrustBreakGlass'));
const LESS: Partial<ImageTrustProps> = {
  emergencyAccess: EmergencyAccess.NONE,
  alertTopics: [],
  deploymentProbe: DeploymentProbe.NONE,
  findings: FindingsStorage.NONE,
};

test.each<[string, Asks]>([
  ['a gate', GATES[0]![1]],
  ['an image', anImage],
])('what stacks of an earlier version import is still exported where %s of another stack asks', (_, asks) => {
  const platform = newStack();
  const repository = new Repository(platform, 'TeamRepository');
  const repositories = [
    RepositorySelector.name(repository.repositoryName),
    RepositorySelector.prefix('team/'),
  ];
  asks(new Stack(platform.node.root as App, 'App'), ours(platform, { repositories }));
  const names = Object.keys(Template.fromStack(platform).findOutputs('*', { Export: Match.anyValue() }));
  const exported = names.map(name => name.replace('ExportsOutput', ''));
  for (const each of FORMER) expect(exported).toContainEqual(expect.stringMatching(each));
});

test('whatever is off, a stack that rolls back finds each output, and what is off names nothing', () => {
  const named = ({ platform }: ReturnType<typeof apart>) =>
    Object.entries(outputsOf(platform)).filter(([, { Export }]) => Export === undefined);
  const [all, less] = [named(apart()), named(apart(LESS))];
  expect(less.map(([name]) => name)).toEqual(all.map(([name]) => name));
  expect(all.map(([name]) => name.slice(0, -8)).sort()).toEqual(
    ['PinnedKeyArns', 'PinnedKeys', ...Object.values(TrustOutput)].sort(),
  );
  const values = Object.fromEntries(
    less.map(([name, { Value }]) => [name.slice(0, -8), JSON.stringify(Value)]),
  );
  expect(values.AlertTopics).toBe('"[]"');
  for (const output of ['AlertTopicArns', 'AlertKeyArns']) {
    expect(values[output]).toMatch(/"arn:".*:(?:sns|kms):.*trusted-images-left-out"/);
  }
});

test('a stack that nobody of another stack asks has the outputs too: the last gate that goes may roll back', () => {
  const platform = newStack();
  ours(platform);
  const outputs = outputsOf(Template.fromStack(platform));
  const values = Object.entries(outputs).map(([name, { Value }]) => [name.slice(0, -8), Value]);
  const { GrantsTable, GrantMessagesUrl } = Object.fromEntries(values) as Record<string, unknown>;
  expect([GrantsTable, GrantMessagesUrl]).toEqual(['trusted-images-left-out', 'trusted-images-left-out']);
});

describe('the table and the queue of break-glass', () => {
  const ways: [way: string, template: () => Template][] = [
    ['people may grant', () => apart({}, { then: ({ breakGlass }) => breakGlass }).platform],
    ['nobody may grant', () => apart().platform],
    ['nobody may grant, and only an image is in another stack', () => apart({}, { asks: anImage }).platform],
    ['it is left out', () => apart({ emergencyAccess: EmergencyAccess.NONE }).platform],
  ];

  test.each(ways)('are the same where %s: a stack that is not deployed meanwhile names them', (_, make) => {
    const template = make();
    const grants = (from: Template) => [
      Object.entries(outputsOf(from)).filter(([name]) => /Grant|TrustBreakGlass/.test(name)),
      Object.keys(from.findResources('AWS::DynamoDB::GlobalTable')).filter(id => /BreakGlass/.test(id)),
    ];
    const [outputs, tables] = grants(template);
    expect(outputs).toHaveLength(8);
    expect(tables).toHaveLength(1);
    expect([outputs, tables]).toEqual(grants(ways[0]![1]()));
  });

  test('are all that is there, and nobody may write, where nobody may grant', () => {
    const { platform } = apart();
    expect(grantsOf(platform).map(id => id.slice(0, -8))).toEqual([
      'TrustBreakGlass',
      'TrustBreakGlassMessages',
      'TrustBreakGlassMessagesPolicy',
    ]);
    const [{ Properties }] = Object.values(
      platform.findResources('AWS::DynamoDB::GlobalTable', {
        Properties: { KeySchema: Match.arrayWith([Match.objectLike({ KeyType: 'RANGE' })]) },
      }),
    ).filter(each => JSON.stringify(each).includes('(nobody)')) as [{ Properties: Record<string, unknown> }];
    expect(JSON.stringify(Properties.Replicas)).toContain(':role/(nobody)');
  });

  test('are not made where nobody of another stack asks', () => {
    const platform = newStack();
    const trust = ours(platform);
    anImage(platform, trust);
    expect(grantsOf(Template.fromStack(platform))).toEqual([]);
  });
});

describe('a gate of another stack changes with what it names, because CloudFormation reads another stack only then', () => {
  const gateWith = (props: (platform: Stack) => Partial<ImageTrustProps>) => {
    const platform = newStack({}, { stackName: 'Platform' });
    const app = new Stack(platform.node.root as App, 'App');
    new EcsDeploymentGate(app, 'Gate', { trust: ours(platform, props(platform)) });
    return JSON.stringify(Template.fromStack(app).toJSON());
  };
  const before = gateWith(() => ({}));

  test.each<[string, (platform: Stack) => Partial<ImageTrustProps>]>([
    ['other topics', platform => ({ alertTopics: [AlertTopic.text(new Topic(platform, 'Other'))] })],
    ['its own evidence', platform => ({ evidence: new EvidenceBucket(platform, 'Own') })],
    ['other repositories', () => ({ repositories: [RepositorySelector.prefix('other/')] })],
  ])('%s', (_, props) => {
    expect(gateWith(props)).not.toBe(before);
  });
});

test('the alarm and the rights of a gate name every topic of the trust by one output, however many it has', () => {
  const { app } = apart();
  app.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: {
      'Fn::Split': [
        ',',
        { 'Fn::Sub': [Match.stringLikeRegexp('^\\$\\{r[0-9a-f]{8}\\}$'), Match.anyValue()] },
      ],
    },
  });
  const reads = JSON.stringify(app.toJSON());
  for (const output of ['AlertTopics', 'AlertTopicArns', 'AlertKeyArns']) {
    expect(reads).toMatch(new RegExp(`"OutputName":"${output}c8\\w{6}"`));
  }
});
