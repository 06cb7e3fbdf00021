import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { DockerImageCode, DockerImageFunction, Function, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { APP, named } from './gated-stack';
import { ImageTrust, RepositorySelector, TrustedImage } from '../../src';
import { imagesOfResource } from '../../src/core/gates/cloudformation-hook';
import { readImageReference } from '../../src/core/image/image-reference';
import { newStack } from '../support/synthesise';

const REGION = { env: { account: '111122223333', region: 'eu-west-1' } };

/** The digests that a gate of CloudFormation finds in a stack, once CloudFormation has resolved it. */
function digestsIn(use: (stack: Stack, trust: ImageTrust) => unknown): (string | undefined)[] {
  const platform = newStack({}, REGION);
  const trust = new ImageTrust(platform, 'Trust', { repositories: [RepositorySelector.all()] });
  const stack = new Stack(platform.node.scope, 'App', REGION);
  use(stack, trust);
  const template = Template.fromStack(stack);
  const resources = ['AWS::ECS::TaskDefinition', 'AWS::Lambda::Function'].flatMap(type =>
    Object.values(template.findResources(type))
      .filter(
        ({ Properties: { PackageType } }) => type !== 'AWS::Lambda::Function' || PackageType === 'Image',
      )
      .map(({ Properties }) => ({ type, model: { resourceProperties: resolved(Properties) } })),
  );
  return resources.flatMap(({ type, model }) => {
    const images = imagesOfResource(type, model);
    if (!images.ok) throw new Error(images.error);
    return images.value.map(({ reference }) => {
      const read = readImageReference(reference as string);
      if (!read.ok) throw new Error(`${reference} ${read.error}`);
      return read.value.digest;
    });
  });
}

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** As CloudFormation does, for what stands in an image. */
function resolved(value: any): any {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(resolved);
  if ('Fn::Join' in value) return value['Fn::Join'][1].map(resolved).join(value['Fn::Join'][0]);
  if ('Fn::Select' in value) return resolved(value['Fn::Select'][1])[value['Fn::Select'][0]];
  if ('Fn::Split' in value) return resolved(value['Fn::Split'][1]).split(value['Fn::Split'][0]);
  if ('Fn::Sub' in value) return value['Fn::Sub'].replaceAll('${AWS::URLSuffix}', 'amazonaws.com');
  if ('Fn::GetAtt' in value) return value['Fn::GetAtt'][1] === 'Digest' ? DIGEST : value['Fn::GetAtt'][0];
  if ('Ref' in value) return value.Ref === 'AWS::URLSuffix' ? 'amazonaws.com' : value.Ref;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each)]));
}

const container = (stack: Stack, image: ContainerImage) =>
  new FargateTaskDefinition(stack, 'Task').addContainer('Main', { image });

test.each<[string, (stack: Stack) => unknown]>([
  ['ContainerImage.fromAsset()', stack => container(stack, ContainerImage.fromAsset(APP))],
  [
    'ContainerImage.fromEcrRepository() with a tag',
    stack => container(stack, ContainerImage.fromEcrRepository(named(stack, 'team/app'), 'v1')),
  ],
  [
    'DockerImageCode.fromImageAsset()',
    stack => new DockerImageFunction(stack, 'Function', { code: DockerImageCode.fromImageAsset(APP) }),
  ],
])('%s names its image by a tag, which a gate of CloudFormation refuses', (_, use) => {
  expect(digestsIn(use)).toEqual([undefined]);
});

test.each<[string, (stack: Stack, trust: ImageTrust) => unknown]>([
  [
    'TrustedImage.fromAsset()',
    (stack, trust) =>
      container(stack, TrustedImage.fromAsset(stack, 'Image', { trust, directory: APP }).toEcsImage()),
  ],
  [
    'TrustedImage.fromTag()',
    (stack, trust) =>
      new Function(stack, 'Function', {
        code: TrustedImage.fromTag(stack, 'Image', {
          trust,
          repository: named(stack, 'team/app'),
          tag: 'v1',
        }).toLambdaCode(),
        handler: Handler.FROM_IMAGE,
        runtime: Runtime.FROM_IMAGE,
      }),
  ],
])('%s writes a digest', (_, use) => {
  expect(digestsIn(use)).toEqual([DIGEST]);
});
