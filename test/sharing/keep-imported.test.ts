import { NestedStack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ImageTrust, RepositorySelector } from '../../src';
import { newStack, rightsOf, roleStatements, trustStack } from '../support/synthesise';

const { template } = trustStack({ publishedAs: 'platform' });
const [guard] = Object.values(template.findResources('Custom::TrustedImagesImporters')) as [
  { DependsOn: string[]; Properties: object },
];

test('the resource that refuses waits for every part of the trust, so it is deleted before each of them', () => {
  const all = Object.entries(template.toJSON().Resources as Record<string, { Type: string }>);
  const own = all.filter(([id]) => id.startsWith('TrustPublished')).map(([id]) => id);
  const parts = all
    .filter(([id, { Type }]) => id.startsWith('Trust') && !own.includes(id) && Type !== 'AWS::IAM::Policy')
    .map(([id]) => id);
  expect(parts.length).toBeGreaterThan(50);
  expect(parts.filter(id => !guard.DependsOn.includes(id))).toEqual([]);
});

test('its function may read one row of the register and the status of its own stack, and nothing else', () => {
  const statements = [...roleStatements(template)].find(([role]) => role.includes('PublishedImporters'))![1];
  expect(rightsOf(statements)).toEqual([
    'Allow cloudformation:DescribeStacks StackId',
    'Allow dynamodb:GetItem TrustRegister',
  ]);
  const [row] = statements.filter(({ actions }) => actions.includes('dynamodb:GetItem'));
  expect(row!.condition).toEqual({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['IMPORTERS'] } });
});

test('a trust in a nested stack has none: an update that takes the nested stack out must get to its end', () => {
  const stack = newStack();
  const nested = new NestedStack(stack, 'Nested');
  new ImageTrust(nested, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    publishedAs: 'platform',
  });
  for (const each of [stack, nested]) {
    expect(Template.fromStack(each).findResources('Custom::TrustedImagesImporters')).toEqual({});
  }
});

test('a trust that is not published has none', () => {
  expect(trustStack().template.findResources('Custom::TrustedImagesImporters')).toEqual({});
});
