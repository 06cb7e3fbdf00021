import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  App,
  CfnCondition,
  CfnElement,
  CfnMapping,
  CfnParameter,
  Fn,
  NestedStack,
  Stack,
  Stage,
  Tags,
  Validations,
  type StackProps,
} from 'aws-cdk-lib';
import { CfnService } from 'aws-cdk-lib/aws-apprunner';
import { CfnJobDefinition } from 'aws-cdk-lib/aws-batch';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import {
  AssetImage,
  CfnTaskDefinition,
  ContainerImage,
  FargateTaskDefinition,
  TagParameterContainerImage,
} from 'aws-cdk-lib/aws-ecs';
import { CfnApplication } from 'aws-cdk-lib/aws-emrserverless';
import { CfnContainerGroupDefinition } from 'aws-cdk-lib/aws-gamelift';
import {
  Code,
  DockerImageCode,
  DockerImageFunction,
  Function,
  Handler,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { CfnContainer } from 'aws-cdk-lib/aws-lightsail';
import { CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import type { Construct } from 'constructs';
import {
  ImageTrust,
  RepositorySelector,
  TrustedImage,
  TrustedImagesPlugin,
  type TrustedImagesPluginProps,
} from '../../src';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;
const TEAM = { repositories: [RepositorySelector.prefix('team/')] };
const ENV = { account: '111122223333', region: 'eu-west-1' };
const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly Record<'ruleName' | 'description' | 'suggestedFix', string>[];
  }[];
}

/** What the CDK prints, and the report that it writes. The newest throws, others set the exit code. */
function synthesised(app: App): {
  readonly fails: boolean;
  readonly printed: string;
  readonly report: Report;
} {
  const exitCode = process.exitCode;
  const print = jest.spyOn(console, 'error').mockImplementation();
  let thrown = '';
  try {
    process.exitCode = 0;
    app.synth();
  } catch (error) {
    thrown = String(error);
    expect(thrown).toContain('ValidationFailed');
  }
  const fails = thrown !== '' || process.exitCode === 1;
  const printed = stripVTControlCharacters([...print.mock.calls.flat(), thrown].join('\n'));
  process.exitCode = exitCode;
  print.mockRestore();
  return {
    fails,
    printed,
    report: JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report,
  };
}

/** Each violation as `rule[construct path]: description -> fix`. */
function violations(app: App): string[] {
  const { fails, report } = synthesised(app);
  const found = report.pluginReports
    .filter(({ pluginName }) => pluginName === 'TrustedImages')
    .flatMap(each => each.violations)
    .map(({ ruleName, description, suggestedFix }) => `${ruleName}: ${description} -> ${suggestedFix}`);
  expect(fails).toBe(found.length > 0);
  return found;
}

function appWith(
  make: (stack: Stack) => void,
  props: TrustedImagesPluginProps = TEAM,
  of: StackProps = {},
): App {
  const app = new App();
  Validations.of(app).addPlugins(new TrustedImagesPlugin(props));
  make(new Stack(app, 'App', of));
  return app;
}

function task(scope: Construct, image: ContainerImage): void {
  new FargateTaskDefinition(scope, 'Task').addContainer('app', { image });
}

const byName = (stack: Stack, name = 'team/app') => Repository.fromRepositoryName(stack, 'Repository', name);

describe('Amazon ECS', () => {
  test.each<[string, (stack: Stack) => ContainerImage, string]>([
    [
      'a tag of an enrolled repository',
      stack => ContainerImage.fromEcrRepository(byName(stack), 'v1'),
      `by-tag[App/Task/Resource]: the image "\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.amazonaws.com/team/app:v1" is named by its tag "v1", which can name another image tomorrow -> use TrustedImage.fromTag(): it gives the deployment the digest that was judged`,
    ],
    [
      'a repository without a tag',
      stack => ContainerImage.fromEcrRepository(byName(stack)),
      'is named by its tag "latest"',
    ],
    [
      'a tag of a repository that the stack makes',
      stack => ContainerImage.fromEcrRepository(new Repository(stack, 'Own'), 'v1'),
      'the image "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/${Own',
    ],
    [
      'an image on Docker Hub',
      () => ContainerImage.fromRegistry('nginx'),
      'by-tag[App/Task/Resource]: the image "nginx" is named by its tag "latest", which can name another image tomorrow -> copy it to an enrolled repository, and use TrustedImage; or name it by its digest, and list the digest in allowedImages',
    ],
    [
      'an image on Docker Hub by its digest',
      () => ContainerImage.fromRegistry(`nginx@${DIGEST}`),
      `not-enrolled[App/Task/Resource]: the image "nginx@${DIGEST}" is in a registry that is not of Amazon ECR, so nobody scans it -> `,
    ],
    [
      'a digest in another repository',
      stack => ContainerImage.fromEcrRepository(byName(stack, 'other/app'), DIGEST),
      `/other/app@${DIGEST}" is in a repository that is not enrolled, so nobody scans it`,
    ],
    [
      'a host that looks like a registry of Amazon ECR',
      () => ContainerImage.fromRegistry(`${REGISTRY}.evil.io/team/app@${DIGEST}`),
      'is in a registry that is not of Amazon ECR',
    ],
    [
      'an asset',
      stack =>
        ContainerImage.fromDockerImageAsset(new DockerImageAsset(stack, 'Asset', { directory: folder })),
      'use TrustedImage.fromAsset(): it gives the deployment the digest that was judged',
    ],
    ['an asset of a folder', () => new AssetImage(folder), 'use TrustedImage.fromAsset()'],
    [
      'a parameter of a pipeline',
      stack => new TagParameterContainerImage(byName(stack)),
      'unresolved[App/Task/Resource]: the image depends on the parameter "',
    ],
    [
      'a parameter, even with a default',
      stack =>
        ContainerImage.fromRegistry(
          new CfnParameter(stack, 'Image', { default: `${REGISTRY}/team/app@${DIGEST}` }).valueAsString,
        ),
      'unresolved[App/Task/Resource]: the image depends on the parameter "Image", which is known only at deployment -> use TrustedImage, which takes values that are known only at deployment',
    ],
    [
      'a dynamic reference',
      () => ContainerImage.fromRegistry('{{resolve:ssm:/image}}'),
      'unresolved[App/Task/Resource]: the image depends on a dynamic reference, which',
    ],
    [
      'an export of another app',
      () => ContainerImage.fromRegistry(Fn.importValue('Image')),
      'depends on the export "Image" of another app',
    ],
    [
      'a text that is no image',
      () => ContainerImage.fromRegistry('No Image'),
      'unresolved[App/Task/Resource]',
    ],
  ])('%s is refused', (_, image, expected) => {
    const found = violations(appWith(stack => task(stack, image(stack))));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  test.each<[string, (stack: Stack) => ContainerImage, Partial<TrustedImagesPluginProps>?]>([
    ['a digest in an enrolled repository', stack => ContainerImage.fromEcrRepository(byName(stack), DIGEST)],
    [
      'an allowed digest of an external image',
      () => ContainerImage.fromRegistry(`nginx@${DIGEST}`),
      { allowedImages: [DIGEST] },
    ],
    [
      'an allowed digest, listed with its name',
      () => ContainerImage.fromRegistry(`public.ecr.aws/nginx/nginx:1@${DIGEST}`),
      { allowedImages: [`docker.io/library/nginx@${DIGEST}`] },
    ],
    [
      'a repository that the app makes, by its name',
      stack => {
        const own = new Repository(stack, 'Own', { repositoryName: 'team/own' });
        return ContainerImage.fromEcrRepository(own, DIGEST);
      },
    ],
    [
      'a repository that has the resource tag',
      stack => {
        const own = new Repository(stack, 'Own');
        Tags.of(own).add('scan', 'yes');
        return ContainerImage.fromEcrRepository(own, DIGEST);
      },
      { repositories: [RepositorySelector.tag('scan', 'yes')] },
    ],
    [
      'a function of the CDK that splits an ARN',
      stack =>
        ContainerImage.fromEcrRepository(
          Repository.fromRepositoryArn(
            stack,
            'ByArn',
            `arn:aws:ecr:eu-west-1:111122223333:repository/team/app`,
          ),
          DIGEST,
        ),
    ],
    [
      'a mapping',
      stack => {
        const digests = new CfnMapping(stack, 'Digests', {
          mapping: { app: { digest: DIGEST } },
          lazy: false,
        });
        return ContainerImage.fromRegistry(`${REGISTRY}/team/app@${digests.findInMap('app', 'digest')}`);
      },
    ],
    [
      'a substitution',
      () =>
        ContainerImage.fromRegistry(
          Fn.sub('${Registry}/team/app@${Digest}', {
            Registry: Fn.sub('${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}'),
            Digest: DIGEST,
          }),
        ),
    ],
  ])('%s is let through', (_, image, props = {}) => {
    const app = appWith(stack => task(stack, image(stack)), { ...TEAM, ...props }, { env: ENV });
    expect(violations(app)).toEqual([]);
  });

  test('both sides of a condition are looked at, also around a whole container', () => {
    const app = appWith(
      stack => {
        new CfnCondition(stack, 'IsTest', { expression: Fn.conditionEquals('a', 'b') });
        const image = (name: string) =>
          Fn.conditionIf('IsTest', `nginx:${name}`, `${REGISTRY}/team/app@${DIGEST}`).toString();
        new CfnTaskDefinition(stack, 'Raw', {
          containerDefinitions: [
            { name: 'one', image: image('one') },
            Fn.conditionIf('IsTest', { Name: 'two', Image: 'nginx:two' }, { Ref: 'AWS::NoValue' }),
          ],
        });
      },
      TEAM,
      { env: ENV },
    );
    expect(violations(app).map(each => /"nginx:\w+"/.exec(each)?.[0])).toEqual([
      '"nginx:one"',
      '"nginx:two"',
    ]);
  });

  test('containers that are only known at deployment are not passed over', () => {
    const app = appWith(stack => {
      new CfnTaskDefinition(stack, 'Raw', { containerDefinitions: Fn.getAtt('Else', 'Containers') as never });
    });
    expect(violations(app)).toEqual([
      expect.stringContaining(
        'unresolved[App/Raw]: the image depends on the attribute "Containers" of "Else"',
      ),
    ]);
  });
});

describe('the registry', () => {
  const inRegistry = (registry: string) => (stack: Stack) =>
    task(stack, ContainerImage.fromRegistry(`${registry}/team/app@${DIGEST}`));

  test.each<[string, string, Partial<TrustedImagesPluginProps>, StackProps, string | undefined]>([
    ['of the stack', REGISTRY, {}, { env: ENV }, undefined],
    ['of the stack, by its FIPS name', REGISTRY.replace('ecr', 'ecr-fips'), {}, { env: ENV }, undefined],
    [
      'of another account',
      REGISTRY.replace('1111', '9999'),
      {},
      { env: ENV },
      'is in the registry of 999922223333.eu-west-1, and the enrolled repositories are in 111122223333.eu-west-1',
    ],
    [
      'of another region',
      REGISTRY.replace('eu', 'us'),
      {},
      { env: ENV },
      'is in the registry of 111122223333.us-west-1',
    ],
    [
      'that is named, of another stack',
      REGISTRY,
      ENV,
      { env: { account: '444455556666', region: 'us-east-1' } },
      undefined,
    ],
    ['that is named, of a stack without one', REGISTRY, ENV, {}, undefined],
    [
      'of a stack without one',
      REGISTRY,
      {},
      {},
      'and the enrolled repositories are in ${AWS::AccountId}.${AWS::Region}; give the stack its account and region, or give them to the plugin',
    ],
    [
      'in China',
      '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn',
      {},
      { env: { ...ENV, region: 'cn-north-1' } },
      undefined,
    ],
  ])('%s', (_, registry, props, of, expected) => {
    const found = violations(appWith(inRegistry(registry), { ...TEAM, ...props }, of));
    expect(found).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  });

  test.each([
    [
      'account',
      '1111',
      'the account "1111" of TrustedImagesPluginProps is not the account of a registry, allowed: a literal such as "111122223333"',
    ],
    ['region', 'Ireland', 'the region "Ireland" of TrustedImagesPluginProps is not the region of a registry'],
    [
      'allowedImages',
      ['nginx:1'],
      'the allowed image "nginx:1" has no digest, allowed: sha256:<64 hex>, or <repository>@sha256:<64 hex>',
    ],
    ['requireTrustedImages', true, 'did you mean "requireTrustedImage"?'],
  ])('a wrong %s is an error', (name, value, message) => {
    expect(() => new TrustedImagesPlugin({ ...TEAM, [name]: value })).toThrow(message);
  });
});

describe('TrustedImage', () => {
  const trustIn = (app: App) =>
    new ImageTrust(new Stack(app, 'Trust', { env: ENV }), 'Trust', {
      repositories: [RepositorySelector.prefix('team/')],
    });

  function trusted(
    use: (image: TrustedImage, stack: Stack) => void,
    scope: (stack: Stack) => Stack = stack => stack,
  ): App {
    return appWith(
      stack => {
        const trust = trustIn(App.of(stack) as App);
        use(
          TrustedImage.fromTag(scope(stack), 'Image', { trust, repository: byName(stack), tag: 'v1' }),
          stack,
        );
      },
      { ...TEAM, requireTrustedImage: true },
      { env: ENV },
    );
  }

  test('its digest is let through, in a task definition, a function and as text', () => {
    const app = trusted((image, stack) => {
      task(stack, image.toEcsImage());
      new Function(stack, 'Function', {
        code: image.toLambdaCode(),
        handler: Handler.FROM_IMAGE,
        runtime: Runtime.FROM_IMAGE,
      });
      new CfnTaskDefinition(stack, 'Raw', { containerDefinitions: [{ name: 'raw', image: image.imageUri }] });
    });
    expect(violations(app)).toEqual([]);
  });

  test('of an asset, too', () => {
    const app = appWith(
      stack => {
        const image = TrustedImage.fromAsset(stack, 'Image', {
          trust: trustIn(App.of(stack) as App),
          directory: folder,
        });
        task(stack, image.toEcsImage());
      },
      TEAM,
      { env: ENV },
    );
    expect(violations(app)).toEqual([]);
  });

  test('its digest is let through in a nested stack and in another stack', () => {
    const app = trusted((image, stack) => {
      task(new NestedStack(stack, 'Nested'), image.toEcsImage());
      task(new Stack(App.of(stack), 'Other', { env: ENV }), image.toEcsImage());
    });
    expect(violations(app)).toEqual([]);
  });

  test('its digest is let through from a nested stack', () => {
    const app = trusted(
      (image, stack) => task(stack, image.toEcsImage()),
      stack => new NestedStack(stack, 'Nested'),
    );
    expect(violations(app)).toEqual([]);
  });

  test('its digest is let through in a stack of another region', () => {
    const app = trusted(
      (image, stack) => {
        const other = new Stack(App.of(stack), 'Other', {
          env: { ...ENV, region: 'us-east-1' },
          crossRegionReferences: true,
        });
        new CfnTaskDefinition(other, 'Raw', {
          containerDefinitions: [{ name: 'raw', image: `${REGISTRY}/team/app@${image.digest}` }],
        });
      },
      stack => new Stack(App.of(stack), 'Images', { env: ENV, crossRegionReferences: true }),
    );
    expect(violations(app)).toEqual([]);
  });

  test('its digest is refused with the name of another repository', () => {
    const app = trusted((image, stack) => {
      task(stack, ContainerImage.fromRegistry(`${REGISTRY}/team/other@${image.digest}`));
    });
    expect(violations(app)).toEqual([
      expect.stringMatching(/^not-enrolled.*Digest}" has the digest of a TrustedImage of another repository/),
    ]);
  });

  test('a digest without it is refused, if that is asked for', () => {
    const app = trusted((_, stack) =>
      task(stack, ContainerImage.fromEcrRepository(byName(new Stack(stack, 'S', { env: ENV })), DIGEST)),
    );
    expect(violations(app)).toEqual([
      `without-trust[App/Task/Resource]: the deployment does not ask whether the image "${REGISTRY}/team/app@${DIGEST}" is trusted -> use TrustedImage.fromDigest(): it gives the deployment the digest that was judged`,
    ]);
  });
});

describe('other services', () => {
  const image = 'nginx:1';
  test.each<[string, (stack: Stack) => void, number]>([
    [
      'AWS Lambda',
      stack =>
        void new DockerImageFunction(stack, 'X', {
          code: DockerImageCode.fromEcr(byName(stack), { tagOrDigest: 'v1' }),
        }),
      1,
    ],
    [
      'AWS Lambda with an asset',
      stack => void new DockerImageFunction(stack, 'X', { code: DockerImageCode.fromImageAsset(folder) }),
      1,
    ],
    [
      'AWS Lambda without an image',
      stack =>
        void new Function(stack, 'X', {
          code: Code.fromInline('x'),
          handler: 'index.x',
          runtime: Runtime.NODEJS_22_X,
        }),
      0,
    ],
    [
      'AWS Batch',
      stack => void new CfnJobDefinition(stack, 'X', { type: 'container', containerProperties: { image } }),
      1,
    ],
    [
      'AWS Batch with sidecars',
      stack =>
        void new CfnJobDefinition(stack, 'X', {
          type: 'container',
          ecsProperties: { taskProperties: [{ containers: [{ image }, { image: 'other:1' }] }] },
        }),
      2,
    ],
    [
      'AWS Batch on Kubernetes',
      stack =>
        void new CfnJobDefinition(stack, 'X', {
          type: 'container',
          eksProperties: {
            podProperties: { initContainers: [{ image }], containers: [{ image: 'other:1' }] },
          },
        }),
      2,
    ],
    [
      'AWS Batch on several nodes',
      stack =>
        void new CfnJobDefinition(stack, 'X', {
          type: 'multinode',
          nodeProperties: {
            mainNode: 0,
            numNodes: 1,
            nodeRangeProperties: [{ targetNodes: '0:', container: { image } }],
          },
        }),
      1,
    ],
    [
      'App Runner',
      stack =>
        void new CfnService(stack, 'X', {
          sourceConfiguration: {
            imageRepository: { imageRepositoryType: 'ECR', imageIdentifier: `${REGISTRY}/team/app:1` },
          },
        }),
      1,
    ],
    [
      'SageMaker',
      stack =>
        void new CfnModel(stack, 'X', {
          executionRoleArn: 'arn:aws:iam::111122223333:role/x',
          primaryContainer: { image },
        }),
      1,
    ],
    [
      'GameLift',
      stack =>
        void new CfnContainerGroupDefinition(stack, 'X', {
          name: 'x',
          operatingSystem: 'AMAZON_LINUX_2023',
          totalMemoryLimitMebibytes: 1024,
          totalVcpuLimit: 1,
          gameServerContainerDefinition: {
            containerName: 'game',
            imageUri: image,
            serverSdkVersion: '5.2.0',
          },
          supportContainerDefinitions: [{ containerName: 'side', imageUri: image }],
        }),
      2,
    ],
    [
      'Lightsail',
      stack =>
        void new CfnContainer(stack, 'X', {
          power: 'nano',
          scale: 1,
          serviceName: 'x',
          containerServiceDeployment: {
            containers: [
              { containerName: 'one', image },
              { containerName: 'two', image },
            ],
          },
        }),
      2,
    ],
    [
      'EMR Serverless',
      stack =>
        void new CfnApplication(stack, 'X', {
          releaseLabel: 'emr-7.0.0',
          type: 'SPARK',
          imageConfiguration: { imageUri: image },
          workerTypeSpecifications: {
            Driver: { imageConfiguration: { imageUri: image } },
            Executor: { imageConfiguration: { imageUri: image } },
          },
        }),
      3,
    ],
  ])('%s', (_, make, count) => {
    const found = violations(appWith(make));
    expect(found).toHaveLength(count);
    for (const each of found) expect(each).toMatch(/^by-tag\[App\/X/);
  });
});

describe('where it looks', () => {
  test('a nested stack is looked at, with the parameters that its parent gives', () => {
    const app = appWith(stack => {
      const nested = new NestedStack(stack, 'Nested');
      const own = new Repository(stack, 'Own', { repositoryName: 'other/own' });
      task(nested, ContainerImage.fromEcrRepository(own, DIGEST));
    });
    expect(violations(app)).toEqual([
      expect.stringMatching(/^not-enrolled\[App\/Nested\/Task\/Resource\].*other\/own@/),
    ]);
  });

  test('a loop over resources is not passed over', () => {
    class Loop extends CfnElement {
      public _toCloudFormation(): object {
        return { Resources: { 'Fn::ForEach::Tasks': ['Name', ['a'], { '${Name}Task': {} }] } };
      }
    }
    expect(violations(appWith(stack => void new Loop(stack, 'Loop')))).toEqual([
      'unresolved[Fn:ForEach:Tasks]: the images of the resources that "Fn::ForEach::Tasks" makes are known only at deployment -> write the resources out, in a loop of the app for example',
    ]);
  });

  describe('what only deployment knows is said, with the resource and what to do', () => {
    const good = `${REGISTRY}/team/app@${DIGEST}`;
    const TASK = 'AWS::ECS::TaskDefinition';
    const containers = (...all: object[]) => ({
      Resources: { X: { Type: TASK, Properties: { ContainerDefinitions: all } } },
    });
    const resource = (of: object) => ({ Resources: { X: of } });
    const image = { Name: 'x', Image: good };
    const include = { Name: 'AWS::Include', Parameters: { Location: 's3://bucket/file' } };

    function withPart(part: object): App {
      class Part extends CfnElement {
        public _toCloudFormation(): object {
          return part;
        }
      }
      return appWith(stack => void new Part(stack, 'Part'), TEAM, { env: ENV });
    }

    const known = 'known only at deployment';
    test.each<[string, object, string]>([
      [
        'a transform beside other properties',
        resource({
          Type: TASK,
          Properties: { Family: 'x', ContainerDefinitions: [image], 'Fn::Transform': include },
        }),
        `unresolved[X]: the image depends on the function "Fn::Transform", which is ${known} -> use TrustedImage`,
      ],
      [
        'a transform beside the keys of a container',
        containers({ Name: 'x', 'Fn::Transform': include }),
        'the image depends on the function "Fn::Transform"',
      ],
      [
        'a transform beside a good image',
        containers({ ...image, 'Fn::Transform': include }),
        'the image depends on the function "Fn::Transform"',
      ],
      [
        'a transform as a container',
        containers(image, { 'Fn::Transform': include }),
        'the image depends on the function "Fn::Transform"',
      ],
      [
        'a transform in a branch of a condition',
        containers(image, {
          'Fn::If': ['c', { ...image, 'Fn::Transform': include }, { Ref: 'AWS::NoValue' }],
        }),
        'the image depends on the function "Fn::Transform"',
      ],
      [
        'a transform as an image',
        containers({ Name: 'x', Image: { 'Fn::Transform': include } }),
        'the image depends on the function "Fn::Transform"',
      ],
      [
        'a loop over properties',
        resource({
          Type: TASK,
          Properties: { 'Fn::ForEach::Parts': ['P', ['a'], { '${P}': [] }], ContainerDefinitions: [image] },
        }),
        'the image depends on the function "Fn::ForEach::Parts"',
      ],
      [
        'a loop over the keys of a container',
        containers({ ...image, 'Fn::ForEach::Keys': ['K', ['Image'], { '${K}': 'nginx' }] }),
        'the image depends on the function "Fn::ForEach::Keys"',
      ],
      [
        'properties as JSON text',
        resource({
          Type: 'AWS::Batch::JobDefinition',
          Properties: { ContainerProperties: '{"image":"nginx:1"}' },
        }),
        'unresolved[X]: the image "{',
      ],
      [
        'a transform beside resources',
        { Resources: { 'Fn::Transform': include } },
        `unresolved[Fn:Transform]: the images of the resources that "Fn::Transform" makes are ${known} -> write the resources out`,
      ],
      [
        'a transform of a resource',
        resource({ Type: 'AWS::S3::Bucket', 'Fn::Transform': include }),
        `unresolved[X]: the images of "X", which "Fn::Transform" changes, are ${known} -> write the resources out`,
      ],
      [
        'a macro of the template',
        { Transform: ['AWS::LanguageExtensions', 'Ours'] },
        `unresolved[App]: the images of all resources of a template that the macro "Ours" changes are ${known} -> leave the macro out, or let CloudFormationGate judge each resource`,
      ],
      ['a macro with parameters', { Transform: include }, 'that the macro "AWS::Include" changes'],
      ['a macro without a name', { Transform: [{}] }, 'that the macro "without a name" changes'],
      [
        'a transform beside the sections of a template',
        { 'Fn::Transform': include },
        'that "Fn::Transform" changes',
      ],
      [
        'a module',
        resource({ Type: 'Our::Team::Service::MODULE', Properties: {} }),
        `unresolved[X]: the images of the resources that "X" makes, a module of the type "Our::Team::Service::MODULE", are ${known} -> write the resources out, or let CloudFormationGate`,
      ],
      [
        'a stack whose template is at a URL',
        resource({ Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://bucket/key' } }),
        `the images of "X", a resource of the type "AWS::CloudFormation::Stack" with a template that is not of this app, are ${known} -> make it a NestedStack or a stack of the app`,
      ],
      [
        'a set of stacks',
        resource({ Type: 'AWS::CloudFormation::StackSet', Properties: { TemplateBody: '{}' } }),
        'a resource of the type "AWS::CloudFormation::StackSet" with a template',
      ],
      [
        'a custom resource with a template',
        resource({
          Type: 'AWS::CloudFormation::CustomResource',
          Properties: { ServiceToken: 'x', TemplateUrl: 'y' },
        }),
        'a resource of the type "AWS::CloudFormation::CustomResource" with a template',
      ],
      [
        'an application of SAM',
        resource({ Type: 'AWS::Serverless::Application', Properties: { Location: 'https://bucket/key' } }),
        'a resource of the type "AWS::Serverless::Application" with a template',
      ],
      [
        'a function that SAM builds',
        {
          Transform: 'AWS::Serverless-2016-10-31',
          ...resource({ Type: 'AWS::Serverless::Function', Properties: { PackageType: 'Image' } }),
        },
        `unresolved[X]: the images of "X", which SAM builds, are ${known} -> give it the ImageUri of a TrustedImage`,
      ],
      [
        'what SAM gives to all functions',
        { Transform: 'AWS::Serverless-2016-10-31', Globals: { Function: { ImageUri: 'nginx:1' } } },
        `unresolved[App]: the images that Globals give to functions are ${known} -> give each function its own ImageUri`,
      ],
      [
        'a type that is no text',
        resource({ Type: { Ref: 'Type' } }),
        'the images of "X", whose type is no text, are known only at deployment -> write the type out',
      ],
    ])('%s', (_, part, says) => {
      expect(violations(withPart(part))).toEqual([expect.stringContaining(says)]);
    });

    test.each<[string, object]>([
      [
        'a function of SAM with its image',
        {
          Transform: 'AWS::Serverless-2016-10-31',
          ...resource({
            Type: 'AWS::Serverless::Function',
            Properties: { PackageType: 'Image', ImageUri: good },
          }),
        },
      ],
      [
        'the transform of rotated secrets',
        { Transform: ['AWS::SecretsManager-2024-09-16'], ...containers(image) },
      ],
      ['a custom resource', resource({ Type: 'Custom::Thing', Properties: { ServiceToken: 'x' } })],
      [
        'a transform of what runs no image',
        resource({ Type: 'AWS::S3::Bucket', Properties: { 'Fn::Transform': include } }),
      ],
    ])('and nothing of %s', (_, part) => {
      expect(violations(withPart(part))).toEqual([]);
    });
  });

  test('stages are looked at, and a plugin of one stage looks at no other', () => {
    const app = new App();
    const [looked, other] = ['Looked', 'Other'].map(id => new Stage(app, id));
    for (const stage of [looked!, other!]) {
      task(new Stack(stage, 'App'), ContainerImage.fromRegistry('nginx'));
    }
    Validations.of(looked!).addPlugins(new TrustedImagesPlugin(TEAM));
    expect(violations(app)).toEqual([expect.stringContaining('by-tag[Looked/App/Task/Resource]')]);
  });

  test('a repository that the app makes can be enrolled by its token', () => {
    const app = new App();
    const images = new Stack(app, 'Images', { env: ENV });
    const own = new Repository(images, 'Own');
    const other = new Repository(images, 'Other');
    Validations.of(app).addPlugins(
      new TrustedImagesPlugin({ repositories: [RepositorySelector.name(own.repositoryName)] }),
    );
    task(new Stack(app, 'One', { env: ENV }), ContainerImage.fromEcrRepository(own, DIGEST));
    task(new Stack(app, 'Two', { env: ENV }), ContainerImage.fromEcrRepository(other, OTHER));
    expect(violations(app)).toEqual([expect.stringMatching(/^not-enrolled\[Two\/Task\/Resource\]/)]);
  });

  test('the resource tags of an imported repository are not known, so they count as missing', () => {
    const app = appWith(stack => task(stack, ContainerImage.fromEcrRepository(byName(stack), DIGEST)), {
      repositories: [RepositorySelector.tag('scan', 'yes')],
    });
    expect(violations(app)).toEqual([
      expect.stringContaining('is in a repository of which only the registry knows the resource tags'),
    ]);
  });

  test('a person can acknowledge one violation, and no other', () => {
    const app = appWith(stack => {
      task(stack, ContainerImage.fromRegistry('nginx'));
      new CfnTaskDefinition(stack, 'Raw', { containerDefinitions: [{ name: 'raw', image: 'nginx' }] });
    });
    Validations.of(app).acknowledge({ id: 'TrustedImages::by-tag[App/Task/Resource]', reason: 'a demo' });
    expect(violations(app)).toEqual([expect.stringContaining('by-tag[App/Raw]')]);
  });

  test('an app without containers passes', () => {
    expect(violations(appWith(() => undefined))).toEqual([]);
  });

  test('the CDK prints the construct, the image, the rule and the fix', () => {
    const { printed } = synthesised(appWith(stack => task(stack, ContainerImage.fromRegistry('nginx'))));
    for (const text of [
      'App/Task/Resource',
      'the image "nginx"',
      'by-tag[',
      'use TrustedImage; or name it',
    ]) {
      expect(printed).toContain(text);
    }
  });
});
