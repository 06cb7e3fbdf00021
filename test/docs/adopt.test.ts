import { join } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { blocksOf, page, ROOT } from './markdown';
import { synthesise } from './run-block';
import { ImagePolicy, PolicyRule, RegoSource, type ImageTrustProps } from '../../src';
import { tagged } from '../gates/gated-stack';
import { trustStack } from '../support/synthesise';

const FILE = 'docs/adopt.md';
const text = page(FILE);
const blocks = blocksOf({ file: FILE, text }).filter(({ language }) => language === 'ts');
const lineWith = (start: string) => text.split('\n').find(line => line.startsWith(start))!;
const namedIn = (line: string) =>
  [...line.matchAll(/`((?:AWS|Custom)::\w+(?:::\w+)?)`/g)].map(([, type]) => type!);

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const resourcesOf = (stack: Stack) =>
  Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, Resource>);
const typesOf = (resources: readonly Resource[]) => [...new Set(resources.map(({ Type }) => Type))].sort();

function trustResources(props: Partial<ImageTrustProps> = {}): Resource[] {
  const { stack, trust } = trustStack(props);
  trust.addRepository('App');
  return resourcesOf(stack);
}

test.each(blocks.map(block => [`${FILE}:${block.line}`, block] as const))('%s is synthesised', (_, block) => {
  expect(synthesise(block)).toBeDefined();
});

describe('permissions to deploy', () => {
  test('name what the stack of a trust has', () => {
    expect(namedIn(lineWith('- The stack of the trust:'))).toEqual(typesOf(trustResources()));
  });

  test('name what a stack with gates has', () => {
    const { stack, trust } = trustStack();
    const gates = new Stack(Stage.of(stack)!, 'Gates');
    tagged(gates, trust);
    expect(namedIn(lineWith('- A stack with gates:'))).toEqual(typesOf(resourcesOf(gates)));
  });

  test('name what Rego and a network add', () => {
    const usual = typesOf(trustResources());
    const vpc = Vpc.fromVpcAttributes(new Stack(), 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a'],
      privateSubnetIds: ['subnet-1'],
    });
    const rego = PolicyRule.rego(
      RegoSource.fromFile(join(ROOT, 'test', 'e2e', 'apps', 'rego', 'guide.rego')),
    );
    const added = typesOf(
      trustResources({ network: { vpc }, policy: ImagePolicy.standard().with(rego) }),
    ).filter(type => !usual.includes(type));
    expect(namedIn(lineWith('A policy in Rego adds')).sort()).toEqual(added);
  });
});

test.each([FILE, 'README.md'])('the cost in %s counts what is deployed', file => {
  const [, ...counted] = /(\d+) KMS keys × \$1 \+ (\d+) alarms × \$0\.10 \+ polling of (\d+) queues/.exec(
    page(file),
  )!;
  const resources = trustResources();
  expect(counted.map(Number)).toEqual(
    ['AWS::KMS::Key', 'AWS::CloudWatch::Alarm', 'AWS::Lambda::EventSourceMapping'].map(
      type => resources.filter(({ Type }) => Type === type).length,
    ),
  );
});

test('what is kept is in the table: one alias and one key less than there are, and tables with protection', () => {
  const kept = trustResources().filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate');
  expect(kept.map(({ Type }) => Type).sort()).toEqual([
    ...['register', 'policies', 'findings'].map(() => 'AWS::DynamoDB::GlobalTable'),
    'AWS::ECR::Repository',
    ...['evidence', 'signing'].map(() => 'AWS::KMS::Key'),
    ...['evidence', 'uploads', 'waivers'].map(() => 'AWS::S3::Bucket'),
  ]);
  const isProtected = ({ Properties }: Resource) =>
    JSON.stringify(Properties).includes('"DeletionProtectionEnabled":true');
  expect(kept.filter(isProtected)).toHaveLength(2);
});
