import { NestedStack, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { partsIn } from './parts';
import { CloudFormationGate, Enforcement, ImageTrust, RepositorySelector } from '../../src';
import { ASKING_RIGHTS } from '../support/asking-rights';
import {
  environmentOf,
  newStack,
  openFunctions,
  rightsOf,
  roleStatements,
  trustStack,
  whoMayAssume,
} from '../support/synthesise';

const DESCRIPTION = 'Decides whether CloudFormation may deploy the images of a resource';

function gated(enforcement = Enforcement.refuse()) {
  const { stack, trust } = trustStack();
  const gate = new CloudFormationGate(stack, 'Gate', { trust, enforcement });
  return { stack, trust, gate, template: () => Template.fromStack(stack) };
}

/** The hook of stacks: that of calls has no filter. */
function filteredHook(stack: Stack) {
  const hooks = Template.fromStack(stack).findResources('AWS::CloudFormation::LambdaHook');
  return Object.values(hooks).find(({ Properties }) => Properties.StackFilters !== undefined)!;
}

test('it may read what it decides by, record the use of a grant, send alerts, and nothing else; only hooks of its own account invoke it', () => {
  const { trust, template: templateOf } = gated();
  void trust.breakGlass; // made after its gate
  const template = templateOf();
  const roles = roleStatements(template);
  expect(rightsOf(roles.get('GateRole')!)).toEqual(
    [
      ...ASKING_RIGHTS,
      'Allow cloudformation:DescribeStacks arn:Partition:cloudformation:Region:AccountId:stack/*',
    ].sort(),
  );
  expect(rightsOf(roles.get('GateInvoke')!)).toEqual([
    'Allow lambda:InvokeFunction Gate',
    'Allow lambda:InvokeFunction Gate:*',
  ]);
  expect(whoMayAssume(template, 'GateInvoke')).toEqual([
    {
      Effect: 'Allow',
      Principal: { Service: 'hooks.cloudformation.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ]);
  expect(openFunctions(template)).not.toContain('Gate');
});

test('concurrency is reserved only if asked for: a throttled call refuses a deployment', () => {
  const reservedBy = (template: Template) =>
    Object.values(
      template.findResources('AWS::Lambda::Function', { Properties: { Description: DESCRIPTION } }),
    ).map(({ Properties }) => Properties.ReservedConcurrentExecutions);
  expect(reservedBy(gated().template())).toEqual([undefined]);

  const { stack, trust } = trustStack();
  const props = { trust, enforcement: Enforcement.refuse() };
  new CloudFormationGate(stack, 'Gate', { ...props, reservedConcurrency: 20 });
  for (const reservedConcurrency of [0, -1, 1.5, NaN]) {
    expect(
      () => new CloudFormationGate(stack, `Of ${reservedConcurrency}`, { ...props, reservedConcurrency }),
    ).toThrow(`is ${reservedConcurrency}, allowed: a whole number, 1 at least`);
  }
});

test('its hook asks before its types are created or updated, in every stack but its own, and refuses', () => {
  const { gate, template } = gated();
  expect(gate.hookName).toMatch(/^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/);
  const targets = [
    'AWS::AppRunner::Service',
    'AWS::Batch::JobDefinition',
    'AWS::BedrockAgentCore::Harness',
    'AWS::BedrockAgentCore::Runtime',
    'AWS::CleanRoomsML::ConfiguredModelAlgorithm',
    'AWS::CodeBuild::Project',
    'AWS::ECS::DaemonTaskDefinition',
    'AWS::ECS::ExpressGatewayService',
    'AWS::ECS::TaskDefinition',
    'AWS::EMRServerless::Application',
    'AWS::GameLift::ContainerGroupDefinition',
    'AWS::Lambda::Function',
    'AWS::Lightsail::Container',
    'AWS::SageMaker::DataQualityJobDefinition',
    'AWS::SageMaker::ImageVersion',
    'AWS::SageMaker::InferenceComponent',
    'AWS::SageMaker::Model',
    'AWS::SageMaker::ModelBiasJobDefinition',
    'AWS::SageMaker::ModelExplainabilityJobDefinition',
    'AWS::SageMaker::ModelPackage',
    'AWS::SageMaker::ModelQualityJobDefinition',
    'AWS::SageMaker::MonitoringSchedule',
    'AWS::SageMaker::ProcessingJob',
  ];
  const common = {
    FailureMode: 'FAIL',
    HookStatus: 'ENABLED',
    TargetFilters: {
      Targets: targets.flatMap(TargetName =>
        ['CREATE', 'UPDATE'].map(Action => ({ TargetName, Action, InvocationPoint: 'PRE_PROVISION' })),
      ),
    },
  };
  template().hasResourceProperties('AWS::CloudFormation::LambdaHook', {
    ...common,
    Alias: gate.hookName,
    TargetOperations: ['RESOURCE'],
    StackFilters: { FilteringCriteria: 'ALL', StackNames: { Exclude: ['Test'] } },
  });
  template().hasResourceProperties('AWS::CloudFormation::LambdaHook', {
    ...common,
    Alias: gate.cloudControlHookName,
    TargetOperations: ['CLOUD_CONTROL'],
    StackFilters: Match.absent(),
  });
  expect(gate.cloudControlHookName).toMatch(/^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/);
});

test('the names of its hooks are outputs of its stack: whoever switches them off at night needs them', () => {
  const { gate, template } = gated();
  for (const Value of [gate.hookName, gate.cloudControlHookName]) template().hasOutput('*', { Value });
});

test('AWS Lambda ends its function before CloudFormation, which waits 30 seconds, gives up', () => {
  gated()
    .template()
    .hasResourceProperties('AWS::Lambda::Function', { Description: DESCRIPTION, Timeout: 25 });
});

test('an audit warns', () => {
  const template = gated(Enforcement.audit()).template();
  template.hasResourceProperties('AWS::CloudFormation::LambdaHook', { FailureMode: 'WARN' });
  expect(environmentOf(template, DESCRIPTION)).toMatchObject({
    ENFORCEMENT: 'AUDIT',
    URL_SUFFIX: 'URLSuffix',
  });
});

test('the stack of its trust is excluded too: the image of the scanner is external', () => {
  const { stack, trust } = trustStack();
  const other = new Stack(stack.node.scope, 'Gates');
  new CloudFormationGate(other, 'Gate', { trust, enforcement: Enforcement.refuse() });
  Template.fromStack(other).hasResourceProperties('AWS::CloudFormation::LambdaHook', {
    StackFilters: { StackNames: { Exclude: ['Gates', 'Test'] } },
  });
});

test('rule 5.7, fail closed, stops no scanner: of a trust of parts, the stacks with its scanner are excluded, wherever it was composed: the image of the scanner is external', () => {
  const base = newStack({}, { stackName: 'Base' });
  const scan = new NestedStack(base, 'Scan');
  const [composed, gates] = ['Composed', 'Gates'].map(id => new Stack(base.node.scope, id));
  const trust = ImageTrust.fromParts(composed!, 'Trust', partsIn(new Construct(scan, 'Parts')));
  new CloudFormationGate(gates!, 'Gate', { trust, enforcement: Enforcement.refuse() });
  const { Exclude } = filteredHook(gates!).Properties.StackFilters.StackNames;
  Template.fromStack(scan).resourceCountIs('AWS::CodeBuild::Project', 1);
  expect(Exclude).toEqual(['Gates', expect.any(Object), 'Base']);
});

test('in a nested stack, that and the stack around it are excluded', () => {
  const { stack, trust } = trustStack();
  const nested = new NestedStack(stack, 'Nested');
  new CloudFormationGate(nested, 'Gate', { trust, enforcement: Enforcement.refuse() });
  expect(filteredHook(nested).Properties.StackFilters.StackNames.Exclude).toEqual([
    expect.any(Object),
    'Test',
  ]);
});

describe('two gates in one app', () => {
  const refuse = Enforcement.refuse();
  const ireland = { account: '111122223333', region: 'eu-west-1' };
  const warned = (first: StackProps, second: StackProps, isSameTrust = false): (() => void) => {
    const stack = newStack({}, first);
    const other = new Stack(stack.node.scope, 'Other', second);
    const trusts = [stack, isSameTrust ? undefined : other].map(
      each => each && new ImageTrust(each, 'Trust', { repositories: [RepositorySelector.all()] }),
    );
    new CloudFormationGate(stack, 'Gate', { trust: trusts[0]!, enforcement: refuse });
    new CloudFormationGate(other, 'Gate', { trust: trusts[1] ?? trusts[0]!, enforcement: refuse });
    return () => {
      Annotations.fromStack(other).hasWarning(
        '/Other/Gate',
        'the gates Test/Gate and Other/Gate are in one account and region and ask two trusts, Test/Trust and Other/Trust: CloudFormation asks both gates, so each refuses the images that only the other trust judges; let one trust enrol all repositories, or let both gates only audit while a trust is moved [ack: cdk-trusted-images:gatesOfTwoTrusts]',
      );
      Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('gatesOfTwoTrusts'));
    };
  };

  test.each<[string, StackProps]>([
    ['one place', { env: ireland }],
    ['one that nobody named', {}],
  ])('that ask two trusts in %s are a warning', (_, props) => {
    warned(props, props)();
  });

  test('that ask one trust, or are in two regions, are none', () => {
    expect(warned({}, {}, true)).toThrow('No matches found');
    expect(warned({ env: ireland }, { env: { ...ireland, region: 'us-east-1' } })).toThrow(
      'No matches found',
    );
  });
});

test('what it enforces has to be said', () => {
  const { stack, trust } = trustStack();
  expect(() => new CloudFormationGate(stack, 'Gate', { trust } as never)).toThrow(
    'CloudFormationGateProps needs the property "enforcement", which is missing, allowed: Enforcement.audit() or Enforcement.refuse()',
  );
});
