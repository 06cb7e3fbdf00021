import { App, DefaultStackSynthesizer, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Function, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { APP, DIGEST, gatedStack, named } from './gated-stack';
import { Enforcement, ImageTrust, RepositorySelector, TrustedImage } from '../../src';
import { DeploymentProperties } from '../../src/core/gates/deployment';
import { nameOf, newStack, roleStatements, text, trustStack } from '../support/synthesise';

const HERE = { Account: 'AccountId', Region: 'Region', ServiceTimeout: '3600' };

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
 * A digest is a token, and CDK's own classes take what is a token for a tag: they would write
 * `repository:sha256:…`.
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
  const uri = 'AccountId.dkr.ecr.Region.URLSuffix/team/app@';

  test('the digest is the one that the resource answers with', () => {
    expect(stack.resolve(image.digest)).toEqual({ 'Fn::GetAtt': [judged, 'Digest'] });
    expect(text(stack.resolve(image.imageUri))).toBe(`${uri}${nameOf(judged)}`);
  });

  test('in a container of Amazon ECS', () => {
    const [
      {
        Properties: {
          ContainerDefinitions: [container],
        },
      },
    ] = Object.values(template.findResources('AWS::ECS::TaskDefinition')) as [any];
    expect(text(container.Image)).toBe(`${uri}${nameOf(judged)}`);
    expect(JSON.stringify(container.Image)).toContain(JSON.stringify({ 'Fn::GetAtt': [judged, 'Digest'] }));
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
    const [{ Properties }] = Object.values(
      template.findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } }),
    ) as [any];
    expect(Object.keys(Properties.Code)).toEqual(['ImageUri']);
    expect(text(Properties.Code.ImageUri)).toBe(`${uri}${nameOf(judged)}`);
    expect(JSON.stringify(Properties.Code.ImageUri)).toContain(
      JSON.stringify({ 'Fn::GetAtt': [judged, 'Digest'] }),
    );
  });
});
