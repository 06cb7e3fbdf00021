import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { tagged } from './gated-stack';
import { ImageTrust, RepositorySelector } from '../../src';
import { newStack, text } from '../support/synthesise';

const repositories = [RepositorySelector.prefix('team/')];

/**
 * The resource of an app whose trust lies there: CloudFormation says "Modifying service token is not allowed"
 * where one resource changes whom it asks.
 */
function gate(platformId: string, trustId: string, gateName?: string) {
  const root = newStack().node.root as App;
  const platform = new Stack(root, platformId, { stackName: 'platform' });
  const app = new Stack(root, 'App');
  tagged(app, new ImageTrust(platform, trustId, { repositories, gate: { gateName } }));
  const [[id, { Properties }], ...more] = Object.entries(
    Template.fromStack(app).findResources('Custom::TrustedImage'),
  ) as [[string, any]];
  expect(more).toEqual([]);
  const functions = Object.entries(Template.fromStack(platform).findResources('AWS::Lambda::Function'));
  const [asked] = functions.find(([, each]) => each.Properties.FunctionName !== undefined)!;
  return { id, asks: text(Properties.ServiceToken), asked, former: Properties.Former as string };
}

test.each([
  ['another name', 'Platform', 'ImageTrust'],
  ['another place in its app', 'Central', 'Trust'],
])('a trust of %s is asked by the same resource, at the same function', (_where, platformId, trustId) => {
  const [before, after] = [gate('Platform', 'Trust'), gate(platformId, trustId)];
  const { former, ...moved } = after;
  expect(moved).toEqual({ id: before.id, asks: before.asks, asked: before.asked });
  // a property that changes, so the image is asked for anew: the register is another
  expect(former).not.toBe(before.former);
});

test('a gate of another name is asked by another resource', () => {
  const [before, after] = [gate('Platform', 'Trust'), gate('Platform', 'Trust', 'central')];
  expect(after.asks).not.toBe(before.asks);
  expect(after.id).not.toBe(before.id);
});

test('two trusts may both be asked about one image while it moves from one to the other', () => {
  const stack = newStack();
  const [from, to] = ['From', 'To'].map(
    id => new ImageTrust(stack, id, { repositories, gate: { gateName: id } }),
  ) as [ImageTrust, ImageTrust];
  tagged(stack, from, 'team/app', 'Before');
  tagged(stack, to, 'team/api', 'After');
  const asked = Object.values(Template.fromStack(stack).findResources('Custom::TrustedImage')).map(
    ({ Properties }) => text(Properties.ServiceToken),
  );
  expect(new Set(asked).size).toBe(2);
});
