import { App, CfnParameter, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Cluster,
  ContainerImage,
  DeploymentControllerType,
  DeploymentStrategy,
  FargateService,
  FargateTaskDefinition,
  type FargateServiceProps,
} from 'aws-cdk-lib/aws-ecs';
import { tagged, WITH_BREAK_GLASS } from './gated-stack';
import {
  EcsDeploymentGate,
  Enforcement,
  type EcsDeploymentGateProps,
  type IImageTrust,
  type ImageTrust,
} from '../../src';
import { RequestedMetrics } from '../../src/queues/requested-metrics';
import { ASKING_RIGHTS } from '../support/asking-rights';
import {
  environmentOf,
  FAST,
  newStack,
  openFunctions,
  rightsOf,
  roleStatements,
  trustStack,
  whoMayAssume,
} from '../support/synthesise';

const DESCRIPTION = 'Decides whether a revision of an ECS service may start';

function service(
  stack: Stack,
  props: Partial<FargateServiceProps> = {},
  image: ContainerImage = ContainerImage.fromRegistry('web'),
): FargateService {
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('web', { image });
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { natGateways: 0 }) });
  return new FargateService(stack, 'Service', {
    cluster,
    taskDefinition,
    deploymentStrategy: DeploymentStrategy.BLUE_GREEN,
    ...props,
  });
}

function gated(props: Partial<EcsDeploymentGateProps> = {}) {
  const { stack, trust } = trustStack(WITH_BREAK_GLASS);
  return { stack, gate: new EcsDeploymentGate(stack, 'Gate', { trust, ...props }) };
}

test('it may read what it decides by, record the use of a grant, send alerts, and nothing else; only Amazon ECS invokes it', () => {
  const { stack } = gated();
  const template = Template.fromStack(stack);
  const roles = roleStatements(template);
  expect(rightsOf(roles.get('GateRole')!)).toEqual(
    [
      ...ASKING_RIGHTS,
      'Allow ecs:DescribeServiceRevisions arn:Partition:ecs:Region:AccountId:service-revision/*',
      'Allow ecs:DescribeServiceRevisions arn:Partition:ecs:Region:AccountId:service/*',
      'Allow ecs:DescribeTaskDefinition *', // AWS knows no resource for it
      'Allow ecs:ListTagsForResource arn:Partition:ecs:Region:AccountId:service/*',
      'Allow cloudformation:DescribeStacks arn:Partition:cloudformation:Region:AccountId:stack/*',
    ].sort(),
  );
  expect(rightsOf(roles.get('GateInvoke')!)).toEqual([
    'Allow lambda:InvokeFunction Gate',
    'Allow lambda:InvokeFunction Gate:*',
  ]);
  // AWS does not document the key here: if it is not sent, the hook is called all the same
  expect(whoMayAssume(template, 'GateInvoke')).toEqual([
    {
      Effect: 'Allow',
      Principal: { Service: 'ecs.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEqualsIfExists: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ]);
  expect(openFunctions(template)).not.toContain('Gate');
});

test('a service asks it before its first task starts, and is deployed after it', () => {
  const { stack, gate } = gated();
  gate.guard(service(stack));
  const template = Template.fromStack(stack);
  const [[, { Properties, DependsOn }]] = Object.entries(template.findResources('AWS::ECS::Service')) as [
    [string, any],
  ];
  expect(Properties.DeploymentConfiguration.LifecycleHooks).toEqual([
    {
      HookTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^Gate/), 'Arn'] },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^GateInvoke/), 'Arn'] },
      LifecycleStages: ['PRE_SCALE_UP'],
    },
  ]);
  expect(DependsOn).toContainEqual(expect.stringMatching(/^GateRole[0-9A-F]{8}$/));
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('gateOfRollingDeployment'));
});

test('a service with a rolling deployment gets a warning, one without hooks an error', () => {
  const { stack, gate } = gated();
  gate.guard(service(stack, { deploymentStrategy: undefined }));
  Annotations.fromStack(stack).hasWarning(
    '/Test/Service',
    Match.stringLikeRegexp('AWS documents hooks for the deployment strategies BLUE_GREEN, LINEAR and CANARY'),
  );
  const other = gated();
  const codeDeploy = service(other.stack, {
    deploymentStrategy: undefined,
    deploymentController: { type: DeploymentControllerType.CODE_DEPLOY },
  });
  expect(() => other.gate.guard(codeDeploy)).toThrow('requires the ECS deployment controller');
});

describe('a container without a digest gets a warning, because ECS resolves its tag after the gate is asked', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const guarded = (image: (stack: Stack, trust: ImageTrust) => ContainerImage) => {
    const { stack, trust } = trustStack();
    const guardedService = service(stack, {}, image(stack, trust));
    new EcsDeploymentGate(stack, 'Gate', { trust }).guard(guardedService);
    // a sidecar that comes later is seen too
    guardedService.taskDefinition.addContainer('log', {
      image: ContainerImage.fromRegistry(`log@${digest}`),
    });
    return Annotations.fromStack(stack);
  };
  const repository = (stack: Stack) => Repository.fromRepositoryName(stack, 'Repository', 'team/app');

  test.each<[string, string, (stack: Stack) => ContainerImage]>([
    ['of another registry', 'web \\("web:1"\\)', () => ContainerImage.fromRegistry('web:1')],
    [
      'in Amazon ECR',
      'web \\(.*team/app:v1',
      stack => ContainerImage.fromEcrRepository(repository(stack), 'v1'),
    ],
  ])('%s', (_, named, image) => {
    guarded(image).hasWarning(
      '/Test/Service',
      Match.stringLikeRegexp(
        `the gate Test/Gate refuses containers of Test/Service that have no digest in the task definition: ${named}`,
      ),
    );
  });

  test.each<[string, (stack: Stack, trust: ImageTrust) => ContainerImage]>([
    ['a digest', () => ContainerImage.fromRegistry(`web@${digest}`)],
    ['a TrustedImage', (stack, trust) => tagged(stack, trust).toEcsImage()],
    [
      'what is only known at deployment',
      stack => ContainerImage.fromRegistry(new CfnParameter(stack, 'I').valueAsString),
    ],
  ])('but not %s', (_, image) => {
    guarded(image).hasNoWarning('*', Match.stringLikeRegexp('no digest in the task definition'));
  });
});

test('a service that is guarded twice asks once', () => {
  const { stack, gate } = gated();
  const guarded = service(stack);
  gate.guard(guarded);
  gate.guard(guarded);
  const [found] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::Service'));
  expect(found!.Properties.DeploymentConfiguration.LifecycleHooks).toHaveLength(1);
});

test('a second gate of a service is a warning: one that only audits admits nothing that the other refuses', () => {
  const { stack, trust } = trustStack();
  const guarded = service(stack);
  for (const [id, enforcement] of [
    ['Refuses', Enforcement.refuse()],
    ['Audits', Enforcement.audit()],
  ] as const) {
    new EcsDeploymentGate(stack, id, { trust, enforcement }).guard(guarded);
  }
  Annotations.fromStack(stack).hasWarning(
    '/Test/Service',
    'Test/Service is behind two gates, Test/Refuses and Test/Audits: Amazon ECS asks both, so one that only audits admits nothing that the other refuses; call guard() of one gate only [ack: cdk-trusted-images:secondGateOfService]',
  );
});

test('a gate that guards no service is a warning', () => {
  const { stack } = gated();
  Annotations.fromStack(stack).hasWarning(
    '/Test/Gate',
    'nothing asks the gate Test/Gate, so it refuses nothing; pass each service to guard() [ack: cdk-trusted-images:gateWithoutUse]',
  );
  const used = gated();
  used.gate.guard(service(used.stack));
  Annotations.fromStack(used.stack).hasNoWarning('*', Match.stringLikeRegexp('gateWithoutUse'));
});

test('what is no service of the app, or one of another place, is an error', () => {
  const { stack, gate } = gated();
  const pattern = { service: service(stack) };
  expect(() => gate.guard(pattern as never)).toThrow(
    /allowed: a FargateService or .*; of a pattern, its "service"$/,
  );
  const imported = FargateService.fromFargateServiceAttributes(stack, 'Imported', {
    cluster: pattern.service.cluster,
    serviceName: 'web',
  });
  expect(() => gate.guard(imported as never)).toThrow(
    'guard() of an EcsDeploymentGate got the construct Test/Imported, allowed:',
  );
  const elsewhere = new Stack(stack.node.scope, 'Else', {
    env: { account: '111122223333', region: 'us-east-1' },
  });
  expect(() => gate.guard(service(elsewhere))).toThrow(
    'the service Else/Service is in a stack of 111122223333.us-east-1 and its gate Test/Gate in one of (no account named).(no region named), allowed: the same account and region; give both stacks the same env',
  );
  const stage = new Stack(new Stage(stack.node.root, 'Prod'), 'Stack');
  expect(() => gate.guard(service(stage))).toThrow(
    'the service Prod/Stack/Service is in another stage than its gate Test/Gate, allowed: the same stage, because no stack waits for a stack of another stage; make a gate beside the service, with a trust of that place or an imported one, for example by ImageTrust.fromStackName()',
  );
});

test('the template says what it enforces, and which digests are allowed', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const variables = (props: Partial<EcsDeploymentGateProps>) =>
    environmentOf(Template.fromStack(gated(props).stack), DESCRIPTION);
  expect(variables({})).toMatchObject({ ENFORCEMENT: 'REFUSE', ALLOWED_DIGESTS: '[]' });
  expect(
    variables({ enforcement: Enforcement.audit(), allowedImages: [`public.ecr.aws/otel:1@${digest}`] }),
  ).toMatchObject({ ENFORCEMENT: 'AUDIT', ALLOWED_DIGESTS: `["${digest}"]` });
});

test.each([
  ['public.ecr.aws/otel:1', 'names "public.ecr.aws/otel:1", allowed: an image with its digest'],
  ['otel@sha256:a', 'names "otel@sha256:a", allowed: an image with its digest'],
  [`otel@sha512:${'a'.repeat(128)}`, 'allowed: an image with its digest'],
])('allowedImages with %s is an error', (image, says) => {
  expect(() => gated({ allowedImages: [image] })).toThrow(says);
});

test('an image of the registry that the trust judges cannot be allowed, nor more images than the environment holds', () => {
  const env = { account: '111122223333', region: 'eu-west-1' };
  const stack = newStack({}, { env });
  const trust = {
    env,
    node: { path: 'Trust' },
    _access: () => ({ metrics: new RequestedMetrics('Trust') }),
    _admit: () => undefined,
  } as unknown as IImageTrust;
  const image = (account: string) =>
    `${account}.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:${'a'.repeat(64)}`;
  const gate =
    (...allowedImages: string[]) =>
    () =>
      new EcsDeploymentGate(new Stack(stack, `S${Math.random()}`), 'Gate', { trust, allowedImages });
  expect(gate(image('111122223333'))).toThrow('which is in the registry that the trust Trust judges');
  expect(gate(...Array.from({ length: 21 }, () => image('999999999999')))).toThrow(
    'has 21 images, allowed: 20',
  );
});

test('it is in the stage, the account and the region of its trust', () => {
  const { trust } = trustStack();
  const elsewhere = new Stack(new App({ context: FAST }), 'Else', { env: { region: 'eu-west-1' } });
  expect(() => new EcsDeploymentGate(elsewhere, 'Gate', { trust })).toThrow(
    'the gate Else/Gate is in another stage than its trust Test/Trust',
  );
});

test('a misspelt option is an error that names the one that is meant', () => {
  expect(() => gated({ enforcment: Enforcement.audit() } as object)).toThrow(
    'EcsDeploymentGateProps has no property "enforcment", did you mean "enforcement"?',
  );
});
