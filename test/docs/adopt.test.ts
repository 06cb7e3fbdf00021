import { Template } from 'aws-cdk-lib/assertions';
import { page } from './markdown';
import type { ImageTrustProps } from '../../src';
import { WITH_BREAK_GLASS } from '../gates/gated-stack';
import { deployedBy } from '../support/deployed';
import { trustStack } from '../support/synthesise';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

function trustResources(props: Partial<ImageTrustProps> = {}): Resource[] {
  const { stack, trust } = trustStack(props);
  trust.addRepository('App');
  return Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, Resource>);
}

test('the cost in README.md counts what is deployed', () => {
  const [, ...counted] =
    /(\d+) KMS keys × \$1 \+ (\d+) metrics of alarms × \$0\.10 \+ polling of (\d+) queues, /.exec(
      page('README.md'),
    )!;
  const { keys, alarms, polledQueues } = deployedBy(Template.fromStack(trustStack().stack).toJSON() as never);
  expect(counted.map(Number)).toEqual([keys, alarms, polledQueues]);
});

test('what is kept is in the table: one alias and one key less than there are, and tables with protection', () => {
  const withAll = trustResources(WITH_BREAK_GLASS);
  const kept = withAll.filter(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate');
  expect(kept.map(({ Type }) => Type).sort()).toEqual([
    ...['register', 'policies', 'findings', 'grants'].map(() => 'AWS::DynamoDB::GlobalTable'),
    'AWS::ECR::Repository',
    ...['evidence', 'signing'].map(() => 'AWS::KMS::Key'),
    ...['evidence', 'uploads', 'waivers'].map(() => 'AWS::S3::Bucket'),
  ]);
  const isProtected = ({ Properties }: Resource) =>
    JSON.stringify(Properties).includes('"DeletionProtectionEnabled":true');
  expect(kept.filter(isProtected)).toHaveLength(3);
});
