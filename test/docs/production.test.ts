import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ENDPOINTS } from './cost-page';
import { page, ROOT } from './markdown';
import { ensureTemplateCheckers } from '../../local/tools/template-checkers';
import { ImagePolicy, PolicyRule, PullThroughCache, RegoSource, type ImageTrustProps } from '../../src';
import { tagged } from '../gates/gated-stack';
import { quickstartTemplates, type TemplateResource } from '../support/quickstart';
import { trustStack } from '../support/synthesise';

const MINUTES = 5 * 60_000; // for the first time, in which the checkers are installed
const text = page('docs/production.md');
const lineWith = (start: string) => text.split('\n').find(line => line.startsWith(start))!;
const codeIn = (line: string) => [...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
const namedIn = (line: string) => codeIn(line).filter(code => /^(?:AWS|Custom)::/.test(code));

const resourcesOf = (stack: Stack) =>
  Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, TemplateResource>);
const typesOf = (resources: readonly TemplateResource[]) =>
  [...new Set(resources.map(({ Type }) => Type))].sort();

function trustResources(props: Partial<ImageTrustProps> = {}): TemplateResource[] {
  const { stack, trust } = trustStack(props);
  trust.addRepository('App');
  return resourcesOf(stack);
}

describe('permissions to deploy', () => {
  test('name what the stack of a trust has', () => {
    expect(namedIn(lineWith('- The stack of the trust:'))).toEqual(typesOf(trustResources()));
  });

  test('name what a stack that deploys images has', () => {
    const { stack, trust } = trustStack();
    const gates = new Stack(Stage.of(stack)!, 'Gates');
    tagged(gates, trust);
    expect(namedIn(lineWith('- A stack that deploys images:'))).toEqual(typesOf(resourcesOf(gates)));
  });

  test('name what a published trust adds', () => {
    const usual = typesOf(trustResources());
    const added = typesOf(trustResources({ publishedAs: 'platform' })).filter(type => !usual.includes(type));
    expect(namedIn(lineWith('`publishedAs` adds'))).toEqual(added);
  });

  test('name what Rego, a network and a cache add', () => {
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
      trustResources({ network: { vpc }, policy: ImagePolicy.standard().plus(rego) }),
    ).filter(type => !usual.includes(type));
    const cache = new Stack();
    new PullThroughCache(cache, 'Cache');
    expect(namedIn(lineWith('A policy in Rego adds')).sort()).toEqual(
      [...added, ...typesOf(resourcesOf(cache))].sort(),
    );
  });
});

test.each([
  ['AWS::EC2::SecurityGroup', '- `network` adds to the policy'],
  ['AWS::Lambda::LayerVersion', 'A policy in Rego adds'],
  ['AWS::SSM::Parameter', '`publishedAs` adds'],
])(
  'the actions of %s, which the policy document lacks, are those of its schema',
  async (type, start) => {
    const { actionsOf } = await ensureTemplateCheckers(line => process.stderr.write(`${line}\n`));
    const named = (await actionsOf([type]))[type]!.filter(action => !action.startsWith('s3:'));
    expect(codeIn(lineWith(start)).filter(code => /^(?:ec2|lambda|ssm):/.test(code))).toEqual(named);
  },
  MINUTES,
);

test('the quotas count what is deployed', () => {
  const { Quickstart } = quickstartTemplates();
  const concurrency = ({ Resources }: typeof Quickstart & object) =>
    Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
      .reduce((sum, { Properties }) => sum + (Properties!.ScalingConfig?.MaximumConcurrency ?? 0), 0);
  expect(lineWith('| Lambda: concurrent')).toContain(
    `| ${concurrency(Quickstart!)} for a trust, with its gate, and a few for its alerts.`,
  );
  const roles = (resources: readonly TemplateResource[]) =>
    resources.filter(({ Type }) => Type === 'AWS::IAM::Role').length;
  expect(lineWith('| IAM: roles')).toContain(`| ${roles(trustResources())} for a trust, with its gate |`);
});

test('the endpoints are those that NetworkOptions names', () => {
  const source = readFileSync(join(ROOT, 'src', 'queues', 'network.ts'), 'utf8');
  const named = codeIn(/endpoints for these services: ([^.]+(?:\.\w[^.]*)*)\./s.exec(source)![1]!);
  const interfaces = codeIn(lineWith('- Interface endpoints:'));
  expect([...interfaces, ...codeIn(lineWith('- Gateway endpoints:'))].sort()).toEqual(named.sort());
  expect(interfaces).toHaveLength(ENDPOINTS);
});
