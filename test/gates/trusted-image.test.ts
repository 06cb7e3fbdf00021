import { App, CfnOutput, CfnResource, DefaultStackSynthesizer, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { BuildSpec, LinuxBuildImage, Project } from 'aws-cdk-lib/aws-codebuild';
import { Repository, type IRepository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { DockerImageCode, DockerImageFunction, Function, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { APP, DIGEST, gatedStack, imageText, named } from './gated-stack';
import { Enforcement, ImageTrust, RepositorySelector, TrustedImage } from '../../src';
import { DeploymentProperties } from '../../src/core/gates/deployment';
import { nameOf, newStack, roleStatements, text, trustStack } from '../support/synthesise';

const HERE = {
  SchemaVersion: '1',
  Former: expect.stringMatching(/^Image\w*Trustc8\w{14}$/),
  Account: 'AccountId',
  Region: 'Region',
  ServiceTimeout: '3600',
};

/** What the template says of images, but for who is asked. */
function resources(template: Template): Record<string, string>[] {
  return Object.values(template.findResources('Custom::TrustedImage')).map(
    ({ Properties: { ServiceToken: _, ...properties } }) => {
      return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, text(value)]));
    },
  );
}

describe('an image', () => {
  test('by its tag, which is resolved when it is deployed', () => {
    const [properties, ...more] = resources(gatedStack().template);
    expect(properties).toEqual({ ...HERE, Repository: 'team/app', Tag: 'v1', Enforcement: 'REFUSE' });
    expect(DeploymentProperties.safeParse(properties).success).toBe(true);
    expect(more).toEqual([]);
  });

  test('by its digest', () => {
    const { stack, trust } = trustStack();
    TrustedImage.fromDigest(stack, 'Image', { trust, repository: named(stack, 'team/app'), digest: DIGEST });
    const [properties] = resources(Template.fromStack(stack));
    expect(properties).toEqual({ ...HERE, Repository: 'team/app', Digest: DIGEST, Enforcement: 'REFUSE' });
    expect(DeploymentProperties.safeParse(properties).success).toBe(true);
  });

  test('that CDK builds and publishes', () => {
    const { stack, trust } = trustStack();
    const image = TrustedImage.fromAsset(stack, 'Image', {
      trust,
      directory: APP,
      buildArgs: { VERSION: '1' },
    });
    expect(text(stack.resolve(image.repository.repositoryName))).toBe(
      'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}',
    );
    expect(resources(Template.fromStack(stack))).toEqual([
      {
        ...HERE,
        Repository: 'cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}',
        Tag: expect.stringMatching(/^[0-9a-f]{64}$/),
        Enforcement: 'REFUSE',
      },
    ]);
  });

  test('that CDK publishes under a tag with a prefix', () => {
    const stack = newStack({}, { synthesizer: new DefaultStackSynthesizer({ dockerTagPrefix: 'app-' }) });
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    TrustedImage.fromAsset(stack, 'Image', { trust, directory: APP });
    expect(resources(Template.fromStack(stack))[0]!.Tag).toMatch(/^app-[0-9a-f]{64}$/);
  });

  test('whose tag or digest is only known when it is deployed', () => {
    const { stack, trust } = trustStack();
    TrustedImage.fromTag(stack, 'Tag', {
      trust,
      repository: named(stack, 'team/app'),
      tag: Token.asString({ Ref: 'Version' }),
    });
    TrustedImage.fromDigest(stack, 'Digest', {
      trust,
      repository: named(stack, 'team/api'),
      digest: Lazy.string({ produce: () => DIGEST }),
    });
    expect(resources(Template.fromStack(stack)).map(({ Tag, Digest }) => Tag ?? Digest)).toEqual([
      'Version',
      DIGEST,
    ]);
  });

  test('that is only watched', () => {
    const { stack, trust } = trustStack();
    TrustedImage.fromTag(stack, 'Image', {
      trust,
      repository: named(stack, 'team/app'),
      tag: 'v1',
      enforcement: Enforcement.audit(),
    });
    TrustedImage.fromTag(stack, 'Other', {
      trust,
      repository: named(stack, 'team/api'),
      tag: 'v1',
      enforcement: Enforcement.refuse(),
    });
    expect(resources(Template.fromStack(stack)).map(({ Enforcement: mode }) => mode)).toEqual([
      'AUDIT',
      'REFUSE',
    ]);
  });
});

describe('what is refused', () => {
  const fromTag = (tag: string) => () => {
    const { stack, trust } = trustStack();
    return TrustedImage.fromTag(stack, 'Image', { trust, repository: named(stack, 'team/app'), tag });
  };
  const fromDigest = (digest: string) => () => {
    const { stack, trust } = trustStack();
    return TrustedImage.fromDigest(stack, 'Image', { trust, repository: named(stack, 'team/app'), digest });
  };
  const elsewhere = (arn: string) => () => {
    const stack = new Stack(new App(), 'Test', { env: { account: '123456789012', region: 'eu-west-1' } });
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.all()] });
    return TrustedImage.fromTag(stack, 'Image', {
      trust,
      repository: Repository.fromRepositoryArn(stack, 'App', arn),
      tag: 'v1',
    });
  };

  test.each(['', DIGEST, 'app:v1', '-v1', '.v1', 'v 1', 'v1\n', 'v'.repeat(129)])('the tag %j', tag => {
    expect(fromTag(tag)).toThrow(
      `the tag ${JSON.stringify(tag)} is not a tag, allowed: up to 128 letters, digits and "_ . -"; for a digest use TrustedImage.fromDigest()`,
    );
  });

  test.each(['v', '_', 'V1.2_3-rc.4', 'v'.repeat(128)])('not the tag %j', tag => {
    expect(fromTag(tag)).not.toThrow();
  });

  test.each([
    '',
    'v1',
    'sha256:',
    DIGEST.toUpperCase(),
    `${DIGEST}a`,
    `${DIGEST}\n`,
    DIGEST.slice(7),
    `sha512:${'a'.repeat(128)}`,
  ])('the digest %j', digest => {
    expect(fromDigest(digest)).toThrow(
      `the digest ${JSON.stringify(digest)} is not a digest, allowed: sha256:<64 hex>; for a tag use TrustedImage.fromTag()`,
    );
  });

  test.each([
    [
      'of another account',
      '210987654321.eu-west-1',
      'arn:aws:ecr:eu-west-1:210987654321:repository/team/app',
    ],
    ['of another region', '123456789012.eu-west-2', 'arn:aws:ecr:eu-west-2:123456789012:repository/team/app'],
  ])('a repository %s', (_of, where, arn) => {
    expect(elsewhere(arn)).toThrow(
      `the repository Test/App is in ${where}, allowed: the account and region of its trust and its stack, 123456789012.eu-west-1`,
    );
  });

  test('not a repository of this account and region, by its ARN', () => {
    expect(elsewhere('arn:aws:ecr:eu-west-1:123456789012:repository/team/app')).not.toThrow();
  });
});

/**
 * CDK's own classes take a token for a tag, and would write `repository:sha256:…`, unless it begins as a
 * digest does.
 */
describe('what runs is what was judged, by its digest', () => {
  const { stack, image, template } = (() => {
    const made = gatedStack();
    const task = new FargateTaskDefinition(made.stack, 'Task');
    task.addContainer('Main', { image: made.image.toEcsImage() });
    new Function(made.stack, 'Function', {
      code: made.image.toLambdaCode(),
      handler: Handler.FROM_IMAGE,
      runtime: Runtime.FROM_IMAGE,
    });
    return { stack: made.stack, image: made.image, template: made.template };
  })();
  const judged = Object.keys(template.findResources('Custom::TrustedImage'))[0]!;
  const uri = (name: string) => `AccountId.dkr.ecr.Region.URLSuffix/team/app@sha256:<hex of ${nameOf(name)}>`;

  test('the digest is the one that the resource answers with', () => {
    expect(imageText(stack.resolve(image.digest))).toBe(`sha256:<hex of ${nameOf(judged)}>`);
    expect(imageText(stack.resolve(image.imageUri))).toBe(uri(judged));
  });

  test('in a container of Amazon ECS', () => {
    expect(images(template, 'AWS::ECS::TaskDefinition')).toEqual([uri(judged)]);
  });

  test("which its task's execution role may pull, and nothing else", () => {
    expect(roleStatements(template).get('TaskExecutionRole')).toEqual([
      {
        sid: undefined,
        effect: 'Allow',
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
        resources: ['arn:Partition:ecr:Region:AccountId:repository/team/app'],
      },
      { sid: undefined, effect: 'Allow', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
    ]);
  });

  test('in a function of AWS Lambda', () => {
    expect(images(template, 'AWS::Lambda::Function')).toEqual([uri(judged)]);
  });

  const code = (repository: IRepository, tagOrDigest: string) =>
    DockerImageCode.fromEcr(repository, { tagOrDigest });
  test.each<[string, string, (scope: Stack, image: TrustedImage, repository: IRepository) => unknown]>([
    [
      'DockerImageFunction',
      'AWS::Lambda::Function',
      (scope, { repository, digest }) =>
        new DockerImageFunction(scope, 'Other', { code: code(repository, digest) }),
    ],
    [
      'DockerImageFunction, of the repository that was given',
      'AWS::Lambda::Function',
      (scope, { digest }, repository) =>
        new DockerImageFunction(scope, 'Other', { code: code(repository, digest) }),
    ],
    [
      'ContainerImage.fromEcrRepository()',
      'AWS::ECS::TaskDefinition',
      (scope, { repository, digest }) =>
        new FargateTaskDefinition(scope, 'Other').addContainer('Main', {
          image: ContainerImage.fromEcrRepository(repository, digest),
        }),
    ],
    [
      'LinuxBuildImage.fromEcrRepository()',
      'AWS::CodeBuild::Project',
      (scope, { repository, digest }) =>
        new Project(scope, 'Other', {
          environment: { buildImage: LinuxBuildImage.fromEcrRepository(repository, digest) },
          buildSpec: BuildSpec.fromObject({ version: '0.2' }),
        }),
    ],
  ])('in classes of CDK that take a tag or a digest: %s', (_name, type, use) => {
    const made = trustStack();
    const other = new Stack(made.stack.node.scope, 'Apps');
    const repository = named(other, 'team/app');
    use(
      other,
      TrustedImage.fromTag(other, 'Image', { trust: made.trust, repository, tag: 'v1' }),
      repository,
    );
    const apps = Template.fromStack(other);
    const [resource] = Object.keys(apps.findResources('Custom::TrustedImage'));
    expect(images(apps, type)).toEqual([uri(resource!)]);
  });
});

describe('an image that nothing uses', () => {
  const TOPIC = 'trustedImageWithoutUse';
  const made = (use: (stack: Stack, image: TrustedImage) => unknown = () => undefined) => {
    const { stack, trust } = trustStack();
    const apps = new Stack(stack.node.scope, 'Apps');
    const image = TrustedImage.fromTag(apps, 'Image', {
      trust,
      repository: named(apps, 'team/app'),
      tag: 'v1',
    });
    use(apps, image);
    return Annotations.fromStack(apps);
  };

  test('is a warning', () => {
    made().hasWarning(
      '/Apps/Image',
      `nothing uses Apps/Image, so what runs may be another image than the one that is judged; use its toEcsImage(), toLambdaCode(), imageUri or digest; to wait for it by node.addDependency() does not change what runs [ack: cdk-trusted-images:${TOPIC}]`,
    );
  });

  test.each<[string, (stack: Stack, image: TrustedImage) => unknown]>([
    ['an output', (stack, { imageUri: value }) => new CfnOutput(stack, 'Uri', { value })],
    [
      'a text around its digest',
      (stack, { digest }) => new CfnOutput(stack, 'Json', { value: stack.toJsonString({ digest }) }),
    ],
    [
      'a container in another stack',
      (stack, image) =>
        new FargateTaskDefinition(new Stack(stack.node.scope, 'More'), 'Task').addContainer('Main', {
          image: image.toEcsImage(),
        }),
    ],
  ])('%s is a use', (_, use) => {
    made(use).hasNoWarning('*', Match.stringLikeRegexp(TOPIC));
  });

  test('a construct that only waits for it is none: it may run a tag', () => {
    const waits = (stack: Stack, image: TrustedImage) => {
      new CfnResource(stack, 'Waits', { type: 'AWS::SNS::Topic' }).node.addDependency(image);
    };
    made(waits).hasWarning('/Apps/Image', Match.stringLikeRegexp(TOPIC));
  });
});

/** Every image from the registry that the resources of a type name. */
function images(template: Template, type: string): string[] {
  return Object.values(template.findResources(type))
    .flatMap(({ Properties }) => [
      Properties.Code?.ImageUri,
      Properties.Environment?.Image,
      ...(Properties.ContainerDefinitions ?? []).map(({ Image }: { Image: unknown }) => Image),
    ])
    .filter(image => image !== undefined)
    .map(imageText);
}
