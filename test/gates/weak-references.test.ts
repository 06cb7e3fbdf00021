import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { partsIn } from './parts';
import {
  EcsDeploymentGate,
  EmergencyAccess,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
  type ImageTrustProps,
  type IImageTrust,
} from '../../src';
import { newStack } from '../support/synthesise';

const ours = (platform: Stack, props: Partial<ImageTrustProps> = {}) =>
  new ImageTrust(platform, 'Trust', { repositories: [RepositorySelector.prefix('team/')], ...props });
const composed = (platform: Stack) =>
  ImageTrust.fromParts(
    new Stack(platform.node.root as App, 'Composed'),
    'Trust',
    partsIn(new Construct(platform, 'Parts')),
  );

const GATES: [name: string, make: (stack: Stack, trust: IImageTrust) => unknown][] = [
  ['EcsDeploymentGate', (stack, trust) => new EcsDeploymentGate(stack, 'Gate', { trust })],
  ['PipelineGate', (stack, trust) => new PipelineGate(stack, 'Gate', { trust })],
];

describe.each([
  ['an ImageTrust', ours],
  ['parts that are put together in a third stack', composed],
])('a gate of %s', (_, make) => {
  test.each(GATES)(
    '%s in another stack imports the register, so that nobody deletes it, and nothing else',
    (__, gate) => {
      const platform = newStack();
      const app = new Stack(platform.node.root as App, 'App');
      gate(app, make(platform));
      const template = JSON.stringify(Template.fromStack(app).toJSON());
      const imports = [...template.matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name!);
      expect(new Set(imports.map(name => name.replace(/[0-9A-F]{8}.*/, '')))).toEqual(
        new Set(
          ['FnGetAtt', 'Ref'].map(how => expect.stringMatching(`ExportsOutput${how}\\w+Register$`) as string),
        ),
      );
      expect(template).toContain('Fn::GetStackOutput');
    },
  );
});

/** What gates of the first version imported. */
const FORMER = [
  /^FnGetAttTrustBreakGlass\w{8}Arn/,
  /^FnGetAttTrustPolicies\w{8}Arn/,
  /^FnGetAttTrustRegister\w{8}Arn/,
  /^RefTrustAlertsTopic/,
  /^RefTrustBreakGlass/,
  /^RefTrustEvidence/,
  /^RefTrustPolicies/,
  /^RefTrustRegister/,
  /^RefTrustScannerProbeRepository/,
];

test('what stacks of an earlier version import is still exported', () => {
  const platform = newStack();
  const trust = ours(platform);
  expect(trust.breakGlass).toBeDefined(); // it is made on request
  new EcsDeploymentGate(new Stack(platform.node.root as App, 'App'), 'Gate', { trust });
  const names = Object.keys(Template.fromStack(platform).findOutputs('*', { Export: Match.anyValue() }));
  const exported = names.map(name => name.replace('ExportsOutput', ''));
  for (const each of FORMER) expect(exported).toContainEqual(expect.stringMatching(each));
});

test('what an option takes away goes with its outputs, and keeps those of the others', () => {
  const outputs = (props: Partial<ImageTrustProps>) => {
    const platform = newStack();
    const trust = ours(platform, props);
    if (props.emergencyAccess === undefined) expect(trust.breakGlass).toBeDefined();
    new EcsDeploymentGate(new Stack(platform.node.root as App, 'App'), 'Gate', { trust });
    return Object.keys(Template.fromStack(platform).findOutputs('*'));
  };
  const all = outputs({});
  const without = outputs({ emergencyAccess: EmergencyAccess.NONE, alertTopics: [] });
  expect(all).toEqual(expect.arrayContaining(without));
  const gone = all.filter(name => !without.includes(name));
  expect(gone.filter(name => !/TrustBreakGlass|TrustAlerts/.test(name))).toEqual([]);
});
