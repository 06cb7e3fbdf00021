import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { tagged } from './gated-stack';
import { ImageTrust, RepositorySelector } from '../../src';
import { newStack } from '../support/synthesise';

/**
 * The gate of an app whose trust lies there: CloudFormation says "Modifying service token is not allowed"
 * where one resource changes whom it asks.
 */
function gate(platformId: string, trustId: string): { id: string; asks: string } {
  const root = newStack().node.root as App;
  const platform = new Stack(root, platformId, { stackName: 'platform' });
  const app = new Stack(root, 'App');
  tagged(app, new ImageTrust(platform, trustId, { repositories: [RepositorySelector.prefix('team/')] }));
  const [[id, { Properties }], ...more] = Object.entries(
    Template.fromStack(app).findResources('Custom::TrustedImage'),
  ) as [[string, any]];
  expect(more).toEqual([]);
  return { id, asks: Properties.ServiceToken['Fn::GetAtt'][0] };
}

test('a gate stays the same resource as long as its trust does', () => {
  expect(gate('Platform', 'Trust')).toEqual(gate('Platform', 'Trust'));
});

test.each([
  ['another name', 'Platform', 'ImageTrust'],
  ['another stack', 'Central', 'Trust'],
])('a trust of %s is asked by another resource', (_where, platformId, trustId) => {
  const [before, after] = [gate('Platform', 'Trust'), gate(platformId, trustId)];
  expect(after.asks).not.toBe(before.asks);
  expect(after.id).not.toBe(before.id);
});

test('two trusts may both be asked about one image while it moves from one to the other', () => {
  const stack = newStack();
  const [from, to] = ['From', 'To'].map(
    id => new ImageTrust(stack, id, { repositories: [RepositorySelector.prefix('team/')] }),
  ) as [ImageTrust, ImageTrust];
  tagged(stack, from, 'team/app', 'Before');
  tagged(stack, to, 'team/api', 'After');
  const asked = Object.values(Template.fromStack(stack).findResources('Custom::TrustedImage')).map(
    ({ Properties }) => Properties.ServiceToken['Fn::GetAtt'][0],
  );
  expect(new Set(asked).size).toBe(2);
});
