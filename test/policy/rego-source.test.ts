import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ImagePolicy, ImageTrust, PolicyRule, RegoSource, RegoVersion, RepositorySelector } from '../../src';
import { newStack, rightsOf, roleStatements } from '../support/synthesise';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rego-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function documentOf(source: RegoSource): {
  rules: { modules: { name: string; version?: string }[]; data: object }[];
} {
  return JSON.parse(ImagePolicy.of({ name: 'p', rules: [PolicyRule.rego(source)] })._render());
}

const GOOD = 'package a\ndeny contains "no" if data.on';

test('a file stands in the policy with what it sees as data', () => {
  const [rule] = documentOf(
    RegoSource.fromFile(write('a.rego', GOOD), { data: { on: true }, version: RegoVersion.V1 }),
  ).rules;
  expect(rule).toEqual({
    rule: 'rego',
    action: 'deny',
    data: { on: true },
    modules: [{ name: 'a.rego', source: GOOD, version: 'v1' }],
  });
});

test('a folder is compiled as one: its files and those below, but for tests', () => {
  write('b/lib.rego', 'package lib\nis_bad if true');
  write('a.rego', 'package a\nimport data.lib\ndeny contains "no" if lib.is_bad');
  write('a_test.rego', 'this is not Rego');
  write('README.md', 'nor is this');
  expect(documentOf(RegoSource.fromFolder(folder)).rules[0]!.modules.map(({ name }) => name)).toEqual([
    'a.rego',
    'b/lib.rego',
  ]);
});

test.each<[string, () => RegoSource, RegExp]>([
  [
    'a file that does not compile',
    () => RegoSource.fromFile(write('a.rego', 'package a\n\ndeny contains x if y')),
    /^the Rego policy is not valid:\na\.rego:3:\d+: rego_unsafe_var_error: /,
  ],
  [
    'a file in which nothing refuses',
    () => RegoSource.fromFile(write('a.rego', 'package a\nwarn contains "x" if true')),
    /no deny or violation rule/,
  ],
  [
    'a field that no report has',
    () =>
      RegoSource.fromFile(write('a.rego', 'package a\ndeny contains "x" if input.Results[_].Vulnerabilites')),
    /undefined ref/,
  ],
  [
    'a function with the network',
    () =>
      RegoSource.fromFile(
        write(
          'a.rego',
          'package a\ndeny contains "x" if http.send({"method": "get", "url": "https://example.com"})',
        ),
      ),
    /undefined function http\.send/,
  ],
  [
    'an empty folder',
    () => RegoSource.fromFolder(folder),
    /has no policy, allowed: one or more files that end with \.rego/,
  ],
  [
    'a file that is larger than CloudFormation hands over',
    () =>
      RegoSource.fromFile(write('a.rego', `package a\ndeny contains "no" if true\n${'#'.repeat(140_000)}`)),
    /has 1400\d\d characters, allowed: 81920; put the files into a bucket/,
  ],
  [
    'a prefix that is no folder',
    () => RegoSource.fromBucket(Bucket.fromBucketName(newStack(), 'B', 'rules'), 'policies'),
    /allowed: one that ends with "\/"/,
  ],
])('%s fails the synthesis', (_what, source, message) => {
  expect(source).toThrow(message);
});

describe('deployed', () => {
  const deploy = (source?: (bucket: Bucket) => RegoSource) => {
    const stack = newStack();
    const rules =
      source === undefined ? [PolicyRule.secrets()] : [PolicyRule.rego(source(new Bucket(stack, 'Rules')))];
    new ImageTrust(stack, 'Trust', {
      repositories: [RepositorySelector.all()],
      policy: ImagePolicy.of({ name: 'p', rules }),
    });
    const template = Template.fromStack(stack);
    const layersOf = (id: string) =>
      Object.entries(template.findResources('AWS::Lambda::Function')).find(([name]) =>
        name.startsWith(id),
      )![1].Properties.Layers?.length ?? 0;
    return { template, layers: [layersOf('TrustEvaluator6'), layersOf('TrustEvaluatorPolicyProvider')] };
  };

  test('the engine is where it is asked, and nowhere else', () => {
    expect(deploy().layers).toEqual([0, 0]);
    expect(deploy().template.findResources('AWS::Lambda::LayerVersion')).toEqual({});
    expect(deploy(() => RegoSource.fromFile(write('a.rego', GOOD))).layers).toEqual([1, 0]);
    expect(deploy(bucket => RegoSource.fromBucket(bucket, 'policies/')).layers).toEqual([1, 1]);
  });

  test('who publishes reads that folder, by the clock and when it changed, and people hear of files that are broken', () => {
    const { template } = deploy(bucket => RegoSource.fromBucket(bucket, 'policies/'));
    const rights = rightsOf(roleStatements(template).get('TrustEvaluatorPolicyRole')!).filter(right =>
      right.includes('Rules'),
    );
    expect(rights).toEqual(['Allow s3:GetObject Rules/policies/*', 'Allow s3:ListBucket Rules']);
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0/15 * * * ? *)' });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.s3'], detail: { object: { key: [{ prefix: 'policies/' }] } } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'PolicyRejected' });
  });
});
