import type { HookAnswer } from '../../../src/core/gates/cloudformation-answer';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { failed, ok } from '../../../src/core/result';
import { CONTAINER_IMAGES } from '../../../src/core/template/container-images';
import { Seconds } from '../../../src/core/times';
import { decideHook } from '../../../use-cases/gates/cloudformation-hook';
import { World } from '../world';
import { ServiceGate, STATES, trusted, uriOf } from '../world/service-gate';

/**
 * The request is the documented one of a resource operation, with the token that the documented functions
 * answer with; that of Cloud Control and the URL of `payload` are documented too.
 *
 * @see https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
const STACK =
  'arn:aws:cloudformation:us-west-2:123456789012:stack/MyStack/1a2345b6-0000-00a0-a123-00abc0abc000';
const TOKEN = 'f8da6d11-b23f-48f4-814c-0fb6a667f50e';

const ECS = 'AWS::ECS::TaskDefinition';
const LAMBDA = 'AWS::Lambda::Function';
const BATCH = 'AWS::Batch::JobDefinition';
const DAEMON = 'AWS::ECS::DaemonTaskDefinition';
const EXPRESS = 'AWS::ECS::ExpressGatewayService';
const APP_RUNNER = 'AWS::AppRunner::Service';
const MODEL = 'AWS::SageMaker::Model';
const PROJECT = 'AWS::CodeBuild::Project';
const HARNESS = 'AWS::BedrockAgentCore::Harness';
const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const EMR = 'AWS::EMRServerless::Application';
const LIGHTSAIL = 'AWS::Lightsail::Container';
const COMPONENT = 'AWS::SageMaker::InferenceComponent';
const PACKAGE = 'AWS::SageMaker::ModelPackage';
const SCHEDULE = 'AWS::SageMaker::MonitoringSchedule';

type Request = ReturnType<typeof request>;

function request(targetName: string, resourceProperties: unknown) {
  return {
    clientRequestToken: TOKEN,
    awsAccountId: '123456789012',
    stackId: STACK as string | null | undefined,
    changeSetId: null,
    hookTypeName: 'my::lambda::resourcehookfunction',
    hookTypeVersion: '00000008',
    hookModel: { LambdaFunction: 'arn:aws:lambda:us-west-2:123456789012:function:MyFunction' },
    actionInvocationPoint: 'UPDATE_PRE_PROVISION',
    requestData: {
      targetName,
      targetType: targetName,
      targetLogicalId: 'Resource',
      targetModel: { resourceProperties, previousResourceProperties: null } as unknown,
      payload: null as unknown,
    },
    requestContext: { invocation: 1, callbackContext: null },
  };
}

/** Each place at which a resource names an image, with one that is trusted beside it. */
const RESOURCES: Readonly<Record<string, (uri: unknown, good: string) => Request>> = {
  'a container': uri => request(ECS, { ContainerDefinitions: [{ Name: 'web', Image: uri }] }),
  'a sidecar': (uri, good) =>
    request(ECS, {
      ContainerDefinitions: [
        { Name: 'web', Image: good },
        { Name: 'side', Image: uri },
      ],
    }),
  'a function': uri => request(LAMBDA, { PackageType: 'Image', Code: { ImageUri: uri } }),
  'a job': uri => request(BATCH, { Type: 'container', ContainerProperties: { Image: uri } }),
  'a job on ECS': (uri, good) =>
    request(BATCH, {
      EcsProperties: {
        TaskProperties: [{ Containers: [{ Image: good }] }, { Containers: [{ Image: uri }] }],
      },
    }),
  'a pod': uri => request(BATCH, { EksProperties: { PodProperties: { Containers: [{ Image: uri }] } } }),
  'an init container': (uri, good) =>
    request(BATCH, {
      EksProperties: { PodProperties: { InitContainers: [{ Image: uri }], Containers: [{ Image: good }] } },
    }),
  'a node of a job': (uri, good) =>
    request(BATCH, {
      NodeProperties: {
        NodeRangeProperties: [{ Container: { Image: good } }, { Container: { Image: uri } }],
      },
    }),
  'a container of a node on ECS': uri =>
    request(BATCH, {
      NodeProperties: {
        NodeRangeProperties: [{ EcsProperties: { TaskProperties: [{ Containers: [{ Image: uri }] }] } }],
      },
    }),
  'a daemon': uri => request(DAEMON, { ContainerDefinitions: [{ Name: 'agent', Image: uri }] }),
  'a service in Express Mode': uri => request(EXPRESS, { PrimaryContainer: { Image: uri } }),
  'a service of App Runner': uri =>
    request(APP_RUNNER, {
      SourceConfiguration: { ImageRepository: { ImageIdentifier: uri, ImageRepositoryType: 'ECR' } },
    }),
  'a model': uri => request(MODEL, { PrimaryContainer: { Image: uri, ModelDataUrl: 's3://b/m.tar.gz' } }),
  'the second container of a model': (uri, good) =>
    request(MODEL, { Containers: [{ Image: good }, { Image: uri }] }),
  'a project of CodeBuild': uri =>
    request(PROJECT, {
      Environment: { Type: 'LINUX_CONTAINER', ComputeType: 'BUILD_GENERAL1_SMALL', Image: uri },
    }),
};

/** The properties of a resource that has nothing but one image, at this place of `CONTAINER_IMAGES`. */
function onlyAt(path: string, uri: unknown): any {
  return path
    .split('.')
    .reduceRight<unknown>(
      (inner, name) => (name === '*' ? [inner] : { [name === '%' ? 'Driver' : name]: inner }),
      uri,
    );
}

let world: World;
let gate: ServiceGate;
let good: string;
let status: string | undefined;
let stackStatus: () => Promise<string | undefined>;
let stacks: string[];
let payload: (url: string) => Promise<ReturnType<typeof ok<unknown>> | ReturnType<typeof failed<string>>>;

beforeEach(async () => {
  world = new World();
  world.signs = true;
  gate = new ServiceGate(world);
  good = uriOf(await trusted(world, 'team/good'));
  [status, stacks] = ['UPDATE_IN_PROGRESS', []];
  stackStatus = async () => status;
  payload = async () => failed('no payload');
});

function ask(event: unknown): Promise<HookAnswer> {
  return decideHook(event, {
    ...gate.context(),
    account: '123456789012',
    payload: url => payload(url),
    stackStatus: stackId => {
      stacks.push(stackId);
      return stackStatus();
    },
  });
}

const SUCCESS = { hookStatus: 'SUCCESS', message: 'every image is trusted', clientRequestToken: TOKEN };
const NOTHING = { ...SUCCESS, message: 'there is no image to judge' };
const refusal = (...says: string[]) => ({
  hookStatus: 'FAILED',
  errorCode: 'NonCompliant',
  message: expect.stringMatching(
    new RegExp(says.map(each => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*')),
  ),
  clientRequestToken: TOKEN,
});

describe.each(Object.entries(RESOURCES))('%s', (_, of) => {
  test.each(STATES)('with an image that is %s', async (__, says, make) => {
    const image = await make(world);
    const event = of(uriOf(image), good);
    // time may have passed, and then the other image has expired too
    expect(await ask(event)).toEqual(says === undefined ? SUCCESS : refusal(`${image} ${says}`));
    expect(gate.reported).toEqual(says === undefined ? [] : [{ outcome: 'refused', message: undefined }]);
  });

  test.each<[string, string, (image: ImageName) => unknown]>([
    [
      'a tag',
      'has no digest, and a tag may name another image later',
      image => `${uriOf(image).split('@')[0]}:v1`,
    ],
    ['a reference that is not resolved', 'it is no text', () => ({ Ref: 'Image' })],
    ['a dynamic reference', 'not resolved yet', () => '{{resolve:ssm:/image}}'],
    ['a variable', 'not resolved yet', () => '${Image}'],
    [
      "another account's registry",
      'it is in 111111111111.us-east-1',
      image => uriOf(image).replace('000000000000', '111111111111'),
    ],
    [
      'a host that begins like a registry',
      'it is in 000000000000.dkr.ecr.us-east-1.amazonaws.com.evil.io',
      image => uriOf(image).replace('.com/', '.com.evil.io/'),
    ],
    ['nothing', 'Image', () => null],
  ])('rule 5.7, fail closed: %s is refused', async (__, says, name) => {
    expect(await ask(of(name(await trusted(world)), good))).toEqual(refusal(says));
  });
});

describe.each([...CONTAINER_IMAGES].filter(([type]) => type !== 'AWS::Serverless::Function'))(
  '%s',
  (type, paths) => {
    test.each(paths)('%s: an image that is trusted passes, and one by a tag does not', async path => {
      expect(await ask(request(type, onlyAt(path, good)))).toEqual(SUCCESS);
      expect(await ask(request(type, onlyAt(path, 'nginx:1')))).toEqual(refusal('has no digest'));
    });

    test.each(paths)('%s: keys in lower case are read too', async path => {
      expect(await ask(request(type, onlyAt(path.toLowerCase(), 'nginx:1')))).toEqual(
        refusal('has no digest'),
      );
    });

    test.each(paths)('%s: a part that is JSON text is refused, also beside a trusted image', async path => {
      const [first, ...rest] = path.split('.');
      if (rest.length === 0) return; // the image itself is text
      const text = JSON.stringify(onlyAt(rest.join('.'), good));
      const beside = paths.find(each => !each.startsWith(`${first}.`));
      const says = 'is text, allowed: an object with the images that the gate judges';
      expect(await ask(request(type, { [first!]: text }))).toEqual(refusal(`Properties/${first} ${says}`));
      if (beside !== undefined) {
        expect(await ask(request(type, { ...onlyAt(beside, good), [first!]: text }))).toEqual(refusal(says));
      }
    });

    test.each(['__proto__', 'constructor'])('%s is refused, beside a trusted image', async key => {
      const properties = JSON.stringify(onlyAt(paths[0]!, good)).replace('{', `{"${key}":{"Image":"x"},`);
      expect(await ask(request(type, JSON.parse(properties)))).toEqual(
        refusal(`has a property "${key}", allowed: those of CloudFormation; take it out`),
      );
    });
  },
);

describe('a function of code in a zip', () => {
  test.each([
    ['in a bucket', { Code: { S3Bucket: 'b', S3Key: 'k' } }],
    ['inline', { PackageType: 'Zip', Code: { ZipFile: 'exports.handler = 1' } }],
  ])('%s passes, and nobody is asked', async (_, properties) => {
    gate.load = () => Promise.reject(new Error('asked'));
    expect(await ask(request(LAMBDA, properties))).toEqual(NOTHING);
    expect([gate.asked, stacks]).toEqual([[], []]);
  });

  test.each([
    ['says that it is an image', { PackageType: 'Image', Code: { S3Bucket: 'b', S3Key: 'k' } }],
    ['has no code', { PackageType: 'Zip' }],
    ['has code of another kind', { Code: { S3ObjectStorageMode: 'x' } }],
    ['has no properties', {}],
  ])('that %s does not pass', async (_, properties) => {
    expect(await ask(request(LAMBDA, properties))).toEqual(
      refusal('names no image where the gate knows to look'),
    );
  });
});

describe('what runs no image of anybody passes, and nobody is asked', () => {
  test.each([
    [
      'a service that App Runner builds from sources',
      APP_RUNNER,
      { SourceConfiguration: { CodeRepository: { RepositoryUrl: 'https://github.com/a/b' } } },
    ],
    ...[
      'aws/codebuild/amazonlinux-x86_64-standard:5.0',
      'aws/codebuild/amazonlinux-aarch64-lambda-standard:nodejs22',
      'aws/codebuild/ami/amazonlinux-x86_64-base:latest',
      'aws/codebuild/windows-base:2022-1.0',
      'aws/codebuild/standard:7.0-25.05.01',
    ].map((Image): [string, string, object] => [
      `a project with the image ${Image} of CodeBuild`,
      PROJECT,
      { Environment: { Image } },
    ]),
    ['a harness with the environment of AWS', HARNESS, { HarnessName: 'x', Environment: {} }],
    [
      'an agent of code in a zip',
      RUNTIME,
      { AgentRuntimeArtifact: { CodeConfiguration: { Runtime: 'PYTHON_3_13' } } },
    ],
    [
      'an application with the image of AWS',
      EMR,
      {
        ReleaseLabel: 'emr-7.9.0',
        WorkerTypeSpecifications: { Driver: {} },
        RuntimeConfiguration: [{ Properties: { image: 'x' } }],
      },
    ],
    ['a container service without a deployment', LIGHTSAIL, { ServiceName: 'x', Power: 'nano' }],
    ['a component of a model', COMPONENT, { Specification: { ModelName: 'm' } }],
    [
      'an adapter of a component',
      COMPONENT,
      { Specification: { BaseInferenceComponentName: 'b', Container: { ArtifactUrl: 's3://b/k' } } },
    ],
    ['a package without an inference', PACKAGE, { ModelApprovalStatus: 'Approved', MetadataProperties: {} }],
    [
      'a schedule of a job definition',
      SCHEDULE,
      { MonitoringScheduleConfig: { MonitoringJobDefinitionName: 'j', MonitoringType: 'DataQuality' } },
    ],
  ])('%s', async (_, type, properties) => {
    expect(await ask(request(type, properties))).toEqual(NOTHING);
    expect(gate.asked).toEqual([]);
  });

  test.each<[string, string, object, string]>([
    [
      'a project whose image only begins like one of CodeBuild',
      PROJECT,
      { Environment: { Image: 'aws/codebuild.evil.io/x@y' } },
      'has no whole digest',
    ],
    ['a project without an image', PROJECT, { Environment: {} }, 'names no image'],
    ...[
      'aws/codebuild/../../evil',
      'aws/codebuild/x/../../evil:1',
      'aws/codebuild/./evil',
      'aws/codebuild//evil',
      'aws/codebuild/..',
      'aws/codebuild/',
      'aws/codebuild/x:../../evil',
      'aws/codebuild/x\n',
    ].map((Image): [string, string, object, string] => [
      `a project with the image ${JSON.stringify(Image)}`,
      PROJECT,
      { Environment: { Image } },
      'the image "aws/codebuild',
    ]),
    [
      'a model of a package by a key in lower case, beside a container with an image',
      MODEL,
      {
        Containers: [{ Image: `x@sha256:${'a'.repeat(64)}` }],
        primaryContainer: { modelPackageName: 'arn:aws:sagemaker:…' },
      },
      'a container without an image of its own, which a model package names',
    ],
    [
      'a model of a package that is text, beside a container with an image',
      MODEL,
      { Containers: [{ Image: `x@sha256:${'a'.repeat(64)}` }], PrimaryContainer: '{"Image":"x"}' },
      'Properties/PrimaryContainer is text, allowed: an object',
    ],
    [
      'a package with an algorithm, which names its image',
      PACKAGE,
      { SourceAlgorithmSpecification: { SourceAlgorithms: [{ AlgorithmName: 'a' }] } },
      'names no image',
    ],
    [
      'an agent of two kinds',
      RUNTIME,
      { AgentRuntimeArtifact: { CodeConfiguration: {}, ContainerConfiguration: {} } },
      'names no image',
    ],
    [
      'a function with such a name',
      LAMBDA,
      { Code: { ImageUri: 'aws/codebuild/standard:7.0' } },
      'no digest',
    ],
    [
      'a service with a source and an image that has no name',
      APP_RUNNER,
      { SourceConfiguration: { CodeRepository: {}, ImageRepository: {} } },
      'names no image',
    ],
    [
      'a model of a package, beside a container with an image',
      MODEL,
      { Containers: [{ Image: `x@sha256:${'a'.repeat(64)}` }, { ModelPackageName: 'arn:aws:sagemaker:…' }] },
      'a container without an image of its own, which a model package names',
    ],
    ['a model without containers', MODEL, {}, 'names no image'],
  ])('%s does not', async (_, type, properties, says) => {
    expect(await ask(request(type, properties))).toEqual(refusal(says));
  });
});

describe('rule 5.7, fail closed: a part without an image that is known, beside a trusted one', () => {
  const image = () => ({ Image: good });
  const nodes = (node: object) => ({
    NodeProperties: { NodeRangeProperties: [{ Container: image() }, node] },
  });
  const pod = (more: object) => ({ EksProperties: { PodProperties: { Containers: [image()], ...more } } });

  test.each<[string, string, string, () => object]>([
    [
      'a container without an image',
      'Properties/ContainerDefinitions/1 names no image',
      ECS,
      () => ({ ContainerDefinitions: [image(), { Name: 'x' }] }),
    ],
    ['a text', 'ContainerDefinitions/1 names', ECS, () => ({ ContainerDefinitions: [image(), 'x'] })],
    [
      'an image that is no value',
      'ContainerDefinitions/1 names',
      ECS,
      () => ({ ContainerDefinitions: [image(), { Image: { Ref: 'AWS::NoValue' } }] }),
    ],
    [
      'a condition without branches',
      'ContainerDefinitions/1 names',
      ECS,
      () => ({ ContainerDefinitions: [image(), { 'Fn::If': ['c'] }] }),
    ],
    [
      'properties of a job as JSON text',
      'Properties/EcsProperties is text, allowed: an object',
      BATCH,
      () => ({
        ContainerProperties: image(),
        EcsProperties: JSON.stringify({ taskProperties: [{ containers: [{ image: 'evil' }] }] }),
      }),
    ],
    [
      'properties of a pod as JSON text, in another case',
      'Properties/eksProperties/podProperties is text, allowed: an object',
      BATCH,
      () => ({ ContainerProperties: image(), eksProperties: { podProperties: '{"containers":[]}' } }),
    ],
    [
      'properties of a job that name no image',
      'Properties/ContainerProperties has no Image, so it is not known what runs',
      BATCH,
      () => ({ ContainerProperties: { Command: ['x'] }, ...pod({}) }),
    ],
    [
      'what only a transform knows',
      'Properties/ContainerDefinitions/0/Fn::Transform',
      ECS,
      () => ({ ContainerDefinitions: [{ ...image(), 'Fn::Transform': { Name: 'AWS::Include' } }] }),
    ],
    [
      'a list of a later version',
      'it has Properties/Sidecars/0/Image, which the gate does not know',
      ECS,
      () => ({ ContainerDefinitions: [image()], Sidecars: [{ Image: 'x' }] }),
    ],
    [
      'a container in a container',
      'it has Properties/ContainerDefinitions/0/InitContainer',
      ECS,
      () => ({ ContainerDefinitions: [{ ...image(), InitContainer: {} }] }),
    ],
    ['nodes without a container', 'NodeRangeProperties/1 names', BATCH, () => nodes({ TargetNodes: '1:' })],
    [
      'nodes of another kind',
      'NodeRangeProperties/1 names',
      BATCH,
      () => nodes({ FargateProperties: { Containers: [{ Image: 'x' }] } }),
    ],
    [
      'nodes of two kinds',
      'it has Properties/NodeProperties/NodeRangeProperties/1/FargateProperties',
      BATCH,
      () => nodes({ Container: image(), FargateProperties: {} }),
    ],
    [
      'containers of a pod of another kind',
      'it has Properties/EksProperties/PodProperties/SidecarContainers',
      BATCH,
      () => pod({ SidecarContainers: [{ Image: 'x' }] }),
    ],
    [
      'an init container without an image',
      'InitContainers/0 names',
      BATCH,
      () => pod({ InitContainers: [{ Name: 'x' }] }),
    ],
  ])('%s', async (_, says, type, properties) => {
    expect(await ask(request(type, properties()))).toEqual(refusal(says));
  });

  test.each<[string, string, () => object]>([
    [
      'a consumable resource of AWS Batch',
      BATCH,
      () => ({
        Type: 'container',
        ContainerProperties: image(),
        ConsumableResourceProperties: { ConsumableResourceList: [{ ConsumableResource: 'l', Quantity: 1 }] },
      }),
    ],
    [
      'keys that an author chose',
      BATCH,
      () => ({
        Parameters: { image: 'x.png' },
        Tags: { Image: 'x' },
        ...pod({ InitContainers: [], Metadata: { Labels: { image: 'x' } } }),
      }),
    ],
    [
      'variables and labels',
      ECS,
      () => ({
        ContainerDefinitions: [
          {
            ...image(),
            Environment: [{ Name: 'IMAGE', Value: 'x' }],
            DockerLabels: { image: 'x' },
            VolumesFrom: [{ SourceContainer: 'web' }],
            LogConfiguration: { LogDriver: 'fluentd', Options: { image: 'x' } },
          },
        ],
        ProxyConfiguration: { ContainerName: 'envoy', ProxyConfigurationProperties: [] },
      }),
    ],
    [
      'variables of a function, and what overrides its image',
      LAMBDA,
      () => ({
        Code: { ImageUri: good },
        Environment: { Variables: { IMAGE: 'x' } },
        ImageConfig: { Command: ['x'] },
      }),
    ],
    ['a new property without images', ECS, () => ({ ContainerDefinitions: [image()], Turbo: { Speed: 9 } })],
  ])('not %s', async (_, type, properties) => {
    expect(await ask(request(type, properties()))).toEqual(SUCCESS);
  });
});

test('what is deleted runs no more: nobody is asked', async () => {
  const event = { ...request(ECS, undefined), actionInvocationPoint: 'DELETE_PRE_PROVISION' };
  expect(await ask(event)).toEqual(NOTHING);
  expect(gate.asked).toEqual([]);
});

describe('rule 5.7, fail closed: a request that is not as documented', () => {
  const event = request(ECS, { ContainerDefinitions: [] });

  test.each<[string, string, unknown, (string | undefined)?]>([
    ['is nothing', 'all of it', null, undefined],
    ['has no token', 'requestData', { actionInvocationPoint: 'CREATE_PRE_PROVISION' }, undefined],
    ['has no data', 'requestData', { ...event, requestData: undefined }, TOKEN],
    ['has another point', 'actionInvocationPoint', { ...event, actionInvocationPoint: 'POST' }, TOKEN],
    ['is about another type', 'asked about "AWS::S3::Bucket"', request('AWS::S3::Bucket', {}), TOKEN],
    ['is about a stack', 'asked about "STACK"', request('STACK', {}), TOKEN],
    ['has no properties', 'resourceProperties', request(ECS, undefined), TOKEN],
    ['has a text as properties', 'resourceProperties', request(ECS, '{}'), TOKEN],
    ['has no containers', 'names no image where the gate knows to look', event, TOKEN],
    [
      'has a job of a kind that is not known',
      'it has Properties/WasmProperties',
      request(BATCH, { WasmProperties: { Image: 'a' } }),
      TOKEN,
    ],
    [
      'has more images than a resource can have',
      'it has 51 images, allowed: 50',
      request(ECS, { ContainerDefinitions: Array.from({ length: 51 }, () => ({ Image: 'a' })) }),
      TOKEN,
    ],
  ])('%s', async (_, says, given, clientRequestToken) => {
    expect(await ask(given)).toEqual({ ...refusal(says), clientRequestToken });
    expect(gate.asked).toEqual([]);
  });

  test('the documented sample, which has no token, is decided all the same', async () => {
    const { clientRequestToken: _, ...sample } = RESOURCES['a container']!(good, good);
    expect(await ask(sample)).toEqual({ ...SUCCESS, clientRequestToken: undefined });
  });
});

describe('a request that is too large for an event', () => {
  const large = { ...request(ECS, undefined), requestData: { ...request(ECS, undefined).requestData } };
  large.requestData.payload = 'https://s3.us-west-2.amazonaws.com/bucket/key?X-Amz-Signature=secret';

  test.each([{}, null, undefined])('is read by its URL, where there is no model (%j)', async targetModel => {
    const model = { resourceProperties: { ContainerDefinitions: [{ Image: good }] } };
    payload = async url => ok(url === large.requestData.payload ? model : undefined);
    expect(await ask({ ...large, requestData: { ...large.requestData, targetModel } })).toEqual(SUCCESS);
  });

  test('is refused if it cannot be read, and its URL is in no message', async () => {
    const event = { ...large, requestData: { ...large.requestData, targetModel: {} } };
    payload = async () => failed('the request has more than 1 bytes');
    expect(await ask(event)).toEqual(refusal('the request has more than 1 bytes'));
    payload = async () => ok('no model');
    expect(await ask(event)).toEqual(refusal('cannot be read: all of it'));
    expect(JSON.stringify([gate.said, gate.reported])).not.toContain('secret');
  });
});

describe('a stack that is rolling back', () => {
  test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS'])(
    'gets its images back although they are revoked, and the team is notified: %s',
    async now => {
      status = now;
      const image = await STATES[2]![2](world);
      expect(await ask(RESOURCES['a container']!(uriOf(image), good))).toMatchObject({
        hookStatus: 'SUCCESS',
        message: expect.stringContaining('a later verdict refused it'),
      });
      expect(gate.reported).toMatchObject([
        {
          outcome: 'ignored',
          message: {
            title: 'deployed without trust: Resource of the stack MyStack (REVOKED)',
            lines: expect.arrayContaining(['its stack was rolling back']),
          },
        },
      ]);
      expect(stacks).toEqual([STACK]);
    },
  );

  test.each([
    ['failed', 1],
    ['not judged', 4],
  ])('gets back no image that was never trusted: %s', async (_, at) => {
    status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const image = await STATES[at]![2](world);
    expect(await ask(RESOURCES['a container']!(uriOf(image), good))).toEqual(refusal(`${image} is refused`));
    expect(stacks).toEqual([]);
  });

  test('whose status nobody says is looked at again, and refused in the end', async () => {
    status = undefined;
    const image = await STATES[2]![2](world);
    const event = RESOURCES['a container']!(uriOf(image), good);
    expect(await ask(event)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    expect(await ask({ ...event, requestContext: { invocation: 3, callbackContext: null } })).toEqual(
      refusal('a later verdict refused it'),
    );
  });

  test.each<[string, string | undefined, Partial<Request>]>([
    ['of Cloud Control, which has none', 'UPDATE_ROLLBACK_IN_PROGRESS', { stackId: null }],
    ['that is updated', 'UPDATE_IN_PROGRESS', {}],
    ['that was rolled back', 'UPDATE_ROLLBACK_COMPLETE', {}],
  ])('not a stack %s', async (_, now, changes) => {
    status = now;
    const image = await STATES[2]![2](world);
    expect(await ask({ ...RESOURCES['a container']!(uriOf(image), good), ...changes })).toEqual(
      refusal('a later verdict refused it'),
    );
  });
});

test('an audit answers with a failure, which its hook shows as a warning, and the team is notified', async () => {
  gate.enforcement = 'AUDIT';
  const image = await STATES[1]![2](world);
  expect(await ask(RESOURCES['a function']!(uriOf(image), good))).toEqual(refusal(`${image} is refused`));
  expect(gate.reported).toMatchObject([{ outcome: 'ignored', message: { title: expect.any(String) } }]);
});

test('external images run if their digest is on the list', async () => {
  const digest = `sha256:${'e'.repeat(64)}`;
  const event = RESOURCES['a sidecar']!(`public.ecr.aws/otel@${digest}`, good);
  expect(await ask(event)).toEqual(refusal('it is in public.ecr.aws', 'allowedImages of the gate'));
  gate.allowedDigests = [digest];
  expect(await ask(event)).toMatchObject({
    hookStatus: 'SUCCESS',
    message: expect.stringContaining('is on the list of the gate'),
  });
});

test('rule 5.7, fail closed: where nobody answers, it waits for 15 seconds in all, and refuses before CloudFormation gives up', async () => {
  const waits: number[] = [];
  gate.pause = async seconds => void waits.push(seconds);
  gate.load = () => new Promise(() => undefined);
  stackStatus = () => new Promise(() => undefined);
  const event = { ...RESOURCES['a container']!(good, good), requestContext: { invocation: 3 } };
  expect(await ask(event)).toEqual(refusal('no decision within 15 seconds'));
  const { gateDecides, trustAnswers, gateAsksStack } = Seconds; // the others are within the first
  expect(waits).toEqual([gateDecides, trustAnswers]); // test/core/times.test.ts adds up what comes after

  waits.length = 0;
  gate.load = image => world.register.load(image);
  const revoked = uriOf(await STATES[2]![2](world));
  gate.pause = async seconds => {
    waits.push(seconds);
    return seconds === gateAsksStack ? undefined : new Promise(() => undefined);
  };
  expect(await ask({ ...event, requestData: RESOURCES['a container']!(revoked, good).requestData })).toEqual(
    refusal('a later verdict refused it'),
  );
  expect(waits).toEqual([gateDecides, trustAnswers, gateAsksStack]);
});

describe('what may be over soon is looked at twice more, and refused then', () => {
  test.each<[string, string, () => void]>([
    [
      'a register that throttles',
      'ThrottlingException',
      () =>
        (gate.load = () =>
          Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }))),
    ],
    [
      'no answer in time',
      'no decision within 15 seconds',
      () => {
        gate.load = () => new Promise(() => undefined);
        gate.pause = async () => undefined;
      },
    ],
  ])('%s', async (_, says, breaks) => {
    breaks();
    const event = RESOURCES['a container']!(good, good);
    const answers = [];
    for (const invocation of [1, 2, 3]) {
      answers.push(await ask({ ...event, requestContext: { invocation, callbackContext: null } }));
    }
    const again = {
      hookStatus: 'IN_PROGRESS',
      message: expect.stringContaining(says),
      clientRequestToken: TOKEN,
      callbackDelaySeconds: Seconds.gateLooksAgain,
    };
    expect(answers).toEqual([again, again, refusal(says)]);
  });

  test('without a count of the looks, there is one', async () => {
    gate.load = () => Promise.reject(new Error('busy'));
    expect(await ask({ ...RESOURCES['a container']!(good, good), requestContext: undefined })).toEqual(
      refusal('busy'),
    );
  });
});

test('a message is no longer than CloudFormation takes', async () => {
  const image = `${'x'.repeat(400)}:1`;
  const { message } = await ask(
    request(ECS, { ContainerDefinitions: Array.from({ length: 10 }, () => ({ Image: image })) }),
  );
  expect(message.length).toBeLessThanOrEqual(4096);
  expect(message).toMatch(/more images are refused: the log of the gate names all 10$/);
});

test('one digest in another repository is another image', async () => {
  const { digest } = imageOf(await trusted(world));
  const other = uriOf(world.has('clean', [], 'team/other'));
  expect(other).toContain(digest);
  expect(await ask(RESOURCES['a container']!(other, good))).toEqual(refusal('it has not been judged yet'));
});
