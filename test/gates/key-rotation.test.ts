import { type App, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { tagged } from './gated-stack';
import { ImageTrust, PipelineGate, RepositorySelector, SigningKey, type SigningOptions } from '../../src';
import { environmentOf, newStack, roleStatements, text } from '../support/synthesise';

const UNTIL = '2127-01-31T00:00:00Z';
const FORMER_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const imported = (platform: Stack) => Key.fromKeyArn(platform, 'Former', FORMER_ARN);

interface Deployed {
  readonly platform: Template;
  readonly app: Template;
}

/** Trust and app in two stacks, as they are synthesised in one step of a rotation. */
function deployed(signing: (platform: Stack) => SigningOptions | undefined): Deployed {
  const platform = newStack({}, { stackName: 'Platform' });
  const trust = new ImageTrust(platform, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    signing: signing(platform),
  });
  const app = new Stack(platform.node.root as App, 'App');
  new PipelineGate(app, 'Gate', { trust });
  return { platform: Template.fromStack(platform), app: Template.fromStack(app) };
}

const outputs = (template: Template) =>
  Object.entries((template.toJSON().Outputs ?? {}) as Record<string, any>);
const exportsOf = ({ platform }: Deployed) =>
  outputs(platform)
    .flatMap(([, { Export }]) => Export?.Name ?? [])
    .sort();
const outputsOf = ({ platform }: Deployed) =>
  outputs(platform).filter(([name]) => name.startsWith('PinnedKey'));
const mentioned = ({ app }: Deployed, what: RegExp) =>
  [...new Set([...JSON.stringify(app.toJSON()).matchAll(what)].map(([, name]) => name!))].sort();
const importsOf = (step: Deployed) => mentioned(step, /"Fn::ImportValue":"([^"]+)"/g);
const readsOf = (step: Deployed) => mentioned(step, /"OutputName":"(PinnedKey[^"]+)"/g);

const own = (platform: Stack, year: number) =>
  new SigningKey(platform, `SigningKey${year}`, { aliasName: `images-${year}` });

/** What people may write down, step by step. */
const WAYS: [way: string, steps: ((platform: Stack) => SigningOptions | undefined)[]][] = [
  [
    'the key that the trust made, and then one of your own',
    [
      () => undefined,
      platform => ({
        key: own(platform, 2027),
        formerKeys: [{ key: imported(platform), acceptedUntil: UNTIL }],
      }),
      platform => ({ key: own(platform, 2027) }),
    ],
  ],
  [
    'one of your own, which leaves the stack, and then another',
    [
      platform => ({ key: own(platform, 2026) }),
      platform => ({
        key: own(platform, 2027),
        formerKeys: [{ key: imported(platform), acceptedUntil: UNTIL }],
      }),
      platform => ({ key: own(platform, 2027) }),
    ],
  ],
  [
    'one of your own, which stays in the stack as long as it is believed',
    [
      platform => ({ key: own(platform, 2026) }),
      platform => ({
        formerKeys: [{ key: own(platform, 2026).key, acceptedUntil: UNTIL }],
        key: own(platform, 2027),
      }),
      platform => ({ key: own(platform, 2027) }),
    ],
  ],
  [
    'the former one left out at once',
    [platform => ({ key: own(platform, 2026) }), platform => ({ key: own(platform, 2027) })],
  ],
];

describe.each(WAYS)('%s', (_way, steps) => {
  const all = steps.map(deployed);

  test('no export that is in use is ever missing, whichever stack is deployed first', () => {
    for (const [at, step] of all.entries()) {
      for (const app of all.slice(Math.max(0, at - 1), at + 1)) {
        expect(importsOf(app).filter(name => !exportsOf(step).includes(name))).toEqual([]);
      }
    }
    expect(new Set(all.map(step => exportsOf(step).join()))).toHaveProperty('size', 1);
    expect(exportsOf(all[0]!).join()).not.toContain('SigningKey');
  });

  test('neither is an output: a stack that rolls back finds it under the same name', () => {
    for (const step of all) {
      expect(readsOf(step)).toEqual([
        expect.stringMatching(/^PinnedKeyArnsc8\w{6}$/),
        expect.stringMatching(/^PinnedKeysc8\w{6}$/),
      ]);
      expect(
        outputsOf(step)
          .map(([name]) => name)
          .sort(),
      ).toEqual(readsOf(all[0]!));
    }
  });

  test('what asks changes at every step, in the functions and in their rights: CloudFormation looks at other stacks only then', () => {
    const revisions = all.map(({ app }) => {
      const inFunctions = ['Decides whether a pipeline'].map(
        start => environmentOf(app, start).PINNED_KEYS_REVISION,
      );
      const inRights = [...roleStatements(app).values()]
        .flat()
        .flatMap(({ sid }) =>
          sid?.startsWith('PinnedKeys') === true ? [sid.slice('PinnedKeys'.length)] : [],
        );
      expect(new Set([...inFunctions, ...inRights]).size).toBe(1);
      expect(inRights).toHaveLength(1);
      return inRights[0];
    });
    expect(new Set(revisions).size).toBe(steps.length);
  });
});

describe('an app in a stack of its own', () => {
  const step = deployed(platform => ({
    key: own(platform, 2027),
    formerKeys: [{ key: imported(platform), acceptedUntil: UNTIL }],
  }));
  const told = Object.fromEntries(
    outputsOf(step).map(([name, { Value }]) => [name.slice(0, -8), text(Value)]),
  );

  test('is told the keys and until when, by ARN and never by alias', () => {
    expect(JSON.parse(told.PinnedKeys!)).toEqual([
      { arn: 'SigningKey2027' },
      { arn: FORMER_ARN, acceptedUntil: '2127-01-31T00:00:00.000Z' },
    ]);
    expect(environmentOf(step.app, 'Decides whether a pipeline').PINNED_KEYS).toMatch(
      /^\{"Fn::GetStackOutput"|^\{"StackName":"Platform"/,
    );
    expect(JSON.stringify(told)).not.toContain('alias/');
  });

  test('may fetch these and no others', () => {
    expect(told.PinnedKeyArns).toBe(`SigningKey2027,${FORMER_ARN}`);
    const [, { Properties }] = Object.entries(step.app.findResources('AWS::IAM::Role')).find(([id]) =>
      /GateRole[0-9A-F]{8}$/.test(id),
    ) as [string, any];
    const [statement] = Properties.Policies[0].PolicyDocument.Statement.filter(({ Action }: any) =>
      String(Action).includes('kms:GetPublicKey'),
    );
    expect(statement).toEqual({
      Sid: expect.stringMatching(/^PinnedKeys[0-9a-f]{16}$/),
      Effect: 'Allow',
      Action: ['kms:DescribeKey', 'kms:GetPublicKey'],
      Resource: {
        'Fn::Split': [
          ',',
          {
            'Fn::Sub': [
              '${Arns}',
              {
                Arns: {
                  'Fn::GetStackOutput': {
                    StackName: 'Platform',
                    OutputName: expect.stringMatching(/^PinnedKeyArnsc8/),
                  },
                },
              },
            ],
          },
        ],
      },
    });
  });

  test('with policies made as small as they can be: the list of keys stays a list', () => {
    const platform = newStack({ '@aws-cdk/aws-iam:minimizePolicies': true }, { stackName: 'Platform' });
    const trust = new ImageTrust(platform, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    const app = new Stack(platform.node.root as App, 'App');
    new PipelineGate(app, 'Gate', { trust });
    expect(JSON.stringify(Template.fromStack(app).toJSON().Resources)).toContain(
      '"Resource":{"Fn::Split":[",",{"Fn::Sub":["${Arns}",{"Arns":{"Fn::GetStackOutput"',
    );
  });
});

describe('where nothing is read from another stack', () => {
  test('in the stack of the trust, the keys are named as they are', () => {
    const stack = newStack();
    tagged(stack, new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] }));
    const template = Template.fromStack(stack);
    expect(JSON.stringify(template.toJSON().Resources)).not.toContain('Fn::GetStackOutput');
    expect(environmentOf(template, 'Waits for an image')).toMatchObject({
      PINNED_KEYS: '[{"arn":"TrustSigningKey"}]',
    });
    expect(environmentOf(template, 'Waits for an image').PINNED_KEYS_REVISION).toBeUndefined();
  });

  test('a nested stack is updated with its parent, and is told by it', () => {
    const parent = newStack();
    const nested = new NestedStack(parent, 'Nested');
    tagged(nested, new ImageTrust(parent, 'Trust', { repositories: [RepositorySelector.prefix('team/')] }));
    expect(JSON.stringify(Template.fromStack(nested).toJSON())).not.toMatch(/GetStackOutput|ImportValue/);
  });

  test('a trust in a nested stack tells another stack by its parent', () => {
    const platform = newStack({}, { stackName: 'Platform' });
    const trust = new ImageTrust(new NestedStack(platform, 'Nested'), 'Trust', {
      repositories: [RepositorySelector.prefix('team/')],
    });
    const app = new Stack(platform.node.root as App, 'App');
    new PipelineGate(app, 'Gate', { trust });
    const template = Template.fromStack(app);
    expect(JSON.stringify(template.toJSON())).toContain(
      '"Fn::GetStackOutput":{"StackName":"Platform","OutputName":"PinnedKeys',
    );
    expect(
      Object.keys(Template.fromStack(platform).toJSON().Outputs).filter(name => name.startsWith('Pinned')),
    ).toHaveLength(2);
  });
});
