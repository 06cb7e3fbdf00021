import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { gatedStack, named, tagged, WITH_BREAK_GLASS } from './gated-stack';
import { AlertTopic, ImageTrust, RepositorySelector, TrustedImage, TrustGate } from '../../src';
import { environmentOf, nameOf, newStack, text, trustStack } from '../support/synthesise';

/** CloudFormation gives a custom resource an hour. */
const HOUR = 3600;
const GATE = /^(?:TrustGate|TrustedImagesGateTest)/;

/** The logical id without the name of the gate. */
const short = (id: string) => nameOf(id).replace(GATE, '') || 'Request';

describe('the gate of a trust', () => {
  const { template } = gatedStack();
  const resources = template.toJSON().Resources as Record<string, any>;
  const [gate] = Object.keys(template.findResources('Custom::TrustedImage')) as [string];

  test('one function asks, one waits, and a queue is between them', () => {
    const ours = Object.entries(resources)
      .filter(([id]) => GATE.test(id))
      .map(([id, { Type }]) => `${short(id)} ${Type}`);
    expect(ours.filter(each => /Function$|StateMachine$|Queue$/.test(each)).sort()).toEqual([
      'Await AWS::Lambda::Function',
      'Deployments AWS::SQS::Queue',
      'DeploymentsDeadLetters AWS::SQS::Queue',
      'Request AWS::Lambda::Function',
    ]);
  });

  test('is eleven resources, and an image that asks is one', () => {
    const ours = (of: Template) => Object.keys(of.toJSON().Resources).filter(id => GATE.test(id));
    expect(ours(template)).toHaveLength(11);
    expect(ours(trustStack().template)).toEqual(ours(template));
    const more = (each: Template) => Object.keys(each.toJSON().Resources).length;
    expect(more(template)).toBe(more(trustStack(WITH_BREAK_GLASS).template) + 1);
  });

  test('has a name, an ARN and a logical id that do not depend on its construct', () => {
    const [id] = Object.entries(resources).find(
      ([, { Properties }]) => Properties?.FunctionName === 'TrustedImages-Test',
    )!;
    expect(id).toMatch(/^TrustedImagesGateTest[0-9A-F]{8}$/);
    expect(text(resources[gate].Properties.ServiceToken)).toBe(
      'arn:Partition:lambda:Region:AccountId:function:TrustedImages-Test',
    );
  });

  test('the functions are told where to ask and whom to believe', () => {
    const queue = environmentOf(template, 'Requests the scan').DEPLOYMENTS_QUEUE_URL!;
    expect(short(queue)).toBe('Deployments');
    const both = {
      POWERTOOLS_SERVICE_NAME: expect.stringMatching(/^TestTrustRegister\w{8}$/),
      METRICS: expect.stringContaining('RefusalsIgnored'),
      REGISTER_TABLE: 'TrustRegister',
      POLICIES_TABLE: 'TrustPolicies',
      PINNED_KEYS: '[{"arn":"TrustSigningKey"}]',
      GRANTS_TABLE: 'TrustBreakGlass',
      GRANT_MESSAGES_QUEUE_URL: 'TrustBreakGlassMessages',
      TRUST_STACK: expect.stringMatching(/^\w+$/),
      URL_SUFFIX: 'URLSuffix',
    };
    expect(environmentOf(template, 'Requests the scan')).toEqual({
      ...both,
      SCAN_REQUESTS_QUEUE_URL: 'TrustScannerRequests',
      DEPLOYMENTS_QUEUE_URL: queue,
      REPOSITORIES: expect.stringContaining('{"by":"prefix","prefix":"team/"}'),
    });
    expect(environmentOf(template, 'Waits for an image')).toEqual({
      ...both,
      EVIDENCE_BUCKET: 'TrustEvidence',
      ALERT_TOPICS: '[{"arn":"TrustAlertsTopic","format":"TEXT"}]',
      WAIT_SECONDS: '3300',
      QUEUE_URL: queue,
      DLQ_URL: `${queue}DeadLetters`,
    });
  });

  test('it waits 55 minutes, and can say so before the hour that CloudFormation waits is over', () => {
    const { ServiceTimeout } = resources[gate].Properties;
    expect(Number(ServiceTimeout)).toBe(HOUR);
    expect(Number(environmentOf(template, 'Waits for an image').WAIT_SECONDS)).toBe(HOUR - 5 * 60);
  });

  test('a look takes a minute at most, and the queue hides a message for longer', () => {
    for (const description of ['Requests the scan', 'Waits for an image']) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Timeout: 60,
        ...described(template, description),
      });
    }
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test('what waits is looked at by ten copies at most, ten at a time, whose failures are told message by message: 200 stacks may wait for three images each', () => {
    const [mapping, ...more] = Object.entries(resources)
      .filter(([id, { Type }]) => GATE.test(id) && Type === 'AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => Properties);
    expect(more).toEqual([]);
    expect(mapping).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  test('what could not be asked is kept for people, in the dead letters that nobody can read', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'TrustedImages-Test',
      DeadLetterConfig: {
        TargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TrustGateDeploymentsDeadLetters'), 'Arn'] },
      },
      ReservedConcurrentExecutions: Match.absent(),
    });
  });

  test('rule 5.10, no secrets of gates: Lambda does not stop a message that is sent again 13 times, and stops what nobody sends again', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      RecursiveLoop: 'Allow',
      ...described(template, 'Waits for an image'),
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      RecursiveLoop: Match.absent(),
      ...described(template, 'Requests the scan'),
    });
  });

  test('nothing is asked before everything that answers is there: queues and who reads them, rules, policies, the key and whom it lets sign', () => {
    const before = waitedFor(resources, gate);
    const trust = Object.keys(resources).filter(id => id.startsWith('Trust') && !GATE.test(id));
    expect([...before]).toEqual(expect.arrayContaining(trust));
    expect(trust.map(nameOf)).toEqual(
      expect.arrayContaining([
        'TrustScannerRequests',
        'TrustScannerRequestsPolicy',
        'TrustScannerOnBuildEnd',
        'TrustEventsSignVerdict',
        'TrustEvaluatorPolicy',
        'TrustSignerRoleDefaultPolicy',
        'TrustSigningKey',
        'TrustRegister',
      ]),
    );
    expect(trust.filter(id => resources[id].Type === 'AWS::Lambda::EventSourceMapping')).toHaveLength(8);
  });

  test('nothing is asked before the functions may answer', () => {
    expect([...waitedFor(resources, gate)].filter(id => GATE.test(id)).map(short)).toEqual(
      expect.arrayContaining([
        'Await',
        'AwaitRole',
        'Request',
        'RequestRole',
        'Deployments',
        'DeploymentsPolicy',
        expect.stringMatching(/^AwaitSqsEventSource/),
      ]),
    );
  });

  test('an image waits for the function that it asks', () => {
    expect([resources[gate].DependsOn].flat().map(short)).toContain('Request');
  });
});

/** What CloudFormation makes before a resource: what it names, and what that names. */
function waitedFor(resources: Record<string, any>, id: string, known = new Set<string>()): Set<string> {
  const names = [...JSON.stringify(resources[id]).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(
    ([, other]) => other!,
  );
  for (const other of [...names, ...([resources[id].DependsOn ?? []].flat() as string[])]) {
    if (known.has(other) || resources[other] === undefined) continue;
    known.add(other);
    waitedFor(resources, other, known);
  }
  return known;
}

describe('however many images', () => {
  const count = (template: Template) => Object.keys(template.toJSON().Resources).length;

  test('ask one trust, an image more is one resource more', () => {
    const { stack, trust } = gatedStack();
    for (const name of ['api', 'web', 'jobs']) tagged(stack, trust, `team/${name}`, name);
    const template = Template.fromStack(stack);
    expect(count(template)).toBe(count(gatedStack().template) + 3);
  });
});

describe('the name of a gate', () => {
  const repositories = [RepositorySelector.prefix('team/')];
  const trust = (stack: Stack, id: string, gateName?: string) =>
    new ImageTrust(stack, id, { repositories, ...(gateName !== undefined && { gate: { gateName } }) });

  test('two trusts in one stack need two', () => {
    const stack = newStack();
    trust(stack, 'One');
    expect(() => trust(stack, 'Two')).toThrow(
      'the gates Test/One/Gate and Test/Two/Gate are both named "Test", allowed: one gate of a name in an account and region; set gateName of one of them',
    );
  });

  test('two trusts in one stack are asked by functions of their own', () => {
    const stack = newStack();
    tagged(stack, trust(stack, 'One'), 'team/one', 'OneImage');
    tagged(stack, trust(stack, 'Two', 'second'), 'team/two', 'TwoImage');
    const tokens = Object.values(Template.fromStack(stack).findResources('Custom::TrustedImage')).map(
      ({ Properties }) => text(Properties.ServiceToken).split(':').at(-1),
    );
    expect(tokens).toEqual(['TrustedImages-Test', 'TrustedImages-second']);
  });

  test('two stacks of one account and region need two, also if their gates are given one', () => {
    const env = { account: '123456789012', region: 'eu-west-1' };
    const one = newStack({}, { env });
    const two = new Stack(one.node.root as App, 'Two', { env });
    trust(one, 'Trust', 'same');
    expect(() => trust(two, 'Trust', 'same')).toThrow('are both named "same"');
  });

  test.each(['', 'a b', 'a'.repeat(51), 'a.b'])('%j is none', name => {
    expect(() => trust(newStack(), 'Trust', name)).toThrow(
      `gateName of Test/Trust/Gate is ${JSON.stringify(name)}, allowed: 1 to 50 letters, digits, "-" and "_", for example "platform"`,
    );
  });

  test('of a stack with a long name fits into the name of a function', () => {
    const stack = newStack({}, { stackName: 'a'.repeat(128) });
    expect(trust(stack, 'Trust').gate.gateName).toMatch(/^a{41}-[0-9A-F]{8}$/);
  });
});

describe('a stack of its own that asks', () => {
  const made = gatedStack();
  const app = new Stack(made.stack.node.root as App, 'App');
  tagged(app, made.trust);
  const [[, { Properties }]] = Object.entries(
    Template.fromStack(app).findResources('Custom::TrustedImage'),
  ) as [[string, any]];

  test('has one resource, and holds the gate: CloudFormation deletes no stack whose export is imported', () => {
    expect(Object.keys(Template.fromStack(app).toJSON().Resources)).toHaveLength(1);
    expect(Properties.Gate).toEqual({ 'Fn::ImportValue': 'TrustedImages-Test' });
    const exported = Object.values(made.template.toJSON().Outputs as Record<string, any>).find(
      ({ Export }) => Export?.Name === 'TrustedImages-Test',
    );
    expect(text(exported.Value)).toMatch(/^TrustedImagesGateTest/);
  });

  test('names no secret, no key and no repository of the trust: it cannot change who judges', () => {
    expect(Object.keys(Properties).sort()).toEqual([
      'Account',
      'Enforcement',
      'Former',
      'Gate',
      'Region',
      'Repository',
      'SchemaVersion',
      'ServiceTimeout',
      'ServiceToken',
      'Tag',
    ]);
  });
});

/** What a stack of the last version without one gate imported, as its template had it. */
const FORMER_EXPORTS = [
  'ExportsOutputFnGetAttTrustRegister70213485ArnBBE746E6',
  'ExportsOutputFnGetAttTrustPolicies1A121070Arn591DF82A',
  'ExportsOutputFnGetAttTrustScannerRequestsBAFD2E67ArnE13703C2',
  'ExportsOutputRefTrustRegister70213485FF9A30AB',
  'ExportsOutputRefTrustPolicies1A121070F9F9371A',
  'ExportsOutputRefTrustBreakGlass10BCCE82418CBAC5',
  'ExportsOutputRefTrustBreakGlassMessages322905FBC03E34D0',
  'ExportsOutputRefTrustScannerRequestsBAFD2E67E8D78F29',
  'ExportsOutputFnGetAttTrustBreakGlass10BCCE82Arn2260E7FC',
  'ExportsOutputFnGetAttTrustBreakGlassMessages322905FBArn21984CC2',
  'ExportsOutputRefTrustAlertsTopic8750ADA673957254',
  'ExportsOutputFnGetAttTrustAlertsKey2BB693AAArn95BD1D28',
  'ExportsOutputRefTrustEvidence64D83A5AC7F6A7C9',
];

describe('stacks of an earlier version', () => {
  test('still find what they import, so the trust is deployed first', () => {
    const { Outputs } = trustStack(WITH_BREAK_GLASS).template.toJSON() as { Outputs: Record<string, any> };
    for (const id of FORMER_EXPORTS) expect(Outputs[id]?.Export).toEqual({ Name: `Test:${id}` });
    expect(Object.keys(Outputs).filter(id => /^PinnedKey(?:s|Arns)[0-9a-f]{8}$/.test(id))).toHaveLength(2);
  });

  test('have a resource of an id that the new one names', () => {
    const env = { account: '123456789012', region: 'eu-west-1' };
    const platform = newStack({}, { stackName: 'Platform', env });
    const app = new Stack(platform.node.root as App, 'App', { env });
    tagged(app, new ImageTrust(platform, 'Trust', { repositories: [RepositorySelector.prefix('team/')] }));
    const [[id, { Properties }]] = Object.entries(
      Template.fromStack(app).findResources('Custom::TrustedImage'),
    ) as [[string, any]];
    expect(Properties.Former).toBe('ImageTrustc812696583D1B3F7'); // as the template had it
    expect(id).not.toBe(Properties.Former);
  });
});

describe("a gate of one's own", () => {
  const made = gatedStack();
  const gate = new TrustGate(made.stack, 'Canary', {
    trust: made.trust,
    gateName: 'canary',
    reservedConcurrency: 5,
  });
  const repository = named(made.stack, 'team/canary');
  TrustedImage.fromTag(made.stack, 'Tried', { trust: made.trust, gate, repository, tag: 'v1' });
  const asked = Object.entries(made.template.findResources('Custom::TrustedImage')) as [string, any][];

  test('is asked by the images that name it, by another resource than the trust has', () => {
    expect(asked.map(([, { Properties }]) => text(Properties.ServiceToken).split(':').at(-1))).toEqual([
      'TrustedImages-Test',
      'TrustedImages-canary',
    ]);
    made.template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'TrustedImages-canary',
      ReservedConcurrentExecutions: 5,
    });
  });

  test('takes over what ran behind the gate of the trust', () => {
    const stack = newStack();
    const trust = new ImageTrust(stack, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    tagged(stack, trust);
    const [before] = Object.keys(Template.fromStack(stack).findResources('Custom::TrustedImage'));
    const next = newStack();
    const same = new ImageTrust(next, 'Trust', { repositories: [RepositorySelector.prefix('team/')] });
    const canary = new TrustGate(next, 'Canary', { trust: same, gateName: 'canary' });
    TrustedImage.fromTag(next, 'Image', {
      trust: same,
      gate: canary,
      repository: named(next, 'team/app'),
      tag: 'v1',
    });
    const [after] = Object.values(Template.fromStack(next).findResources('Custom::TrustedImage'));
    expect(after!.Properties.Former).toBe(before);
  });

  test.each([0, 1.5, -1])('answers %d resources at once: no', reservedConcurrency => {
    const { stack, trust } = trustStack();
    expect(() => new TrustGate(stack, 'Gate', { trust, gateName: 'own', reservedConcurrency })).toThrow(
      `reservedConcurrency of Test/Gate is ${reservedConcurrency}, allowed: a whole number of at least 1, because with 0 no stack is answered`,
    );
  });
});

test('gates write as alerts are written, and believe former keys as long as they are told to', () => {
  const stack = newStack();
  const key = Key.fromKeyArn(stack, 'Former', 'arn:aws:kms:eu-west-1:123456789012:key/former');
  const trust = new ImageTrust(stack, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    alertTopics: [AlertTopic.chat()],
    signing: { formerKeys: [{ key, acceptedUntil: '2027-01-31T00:00:00Z' }] },
  });
  tagged(stack, trust);
  const { ALERT_TOPICS, PINNED_KEYS } = environmentOf(Template.fromStack(stack), 'Waits for an image');
  expect(ALERT_TOPICS).toBe('[{"arn":"TrustAlertsChatTopic","format":"CHAT"}]');
  expect(JSON.parse(PINNED_KEYS)).toEqual([
    { arn: 'TrustSigningKey' },
    { arn: 'arn:aws:kms:eu-west-1:123456789012:key/former', acceptedUntil: '2027-01-31T00:00:00.000Z' },
  ]);
});

/** The whole description of the function that starts with this. */
function described(template: Template, start: string): { Description: string } {
  const [found] = Object.values(template.findResources('AWS::Lambda::Function')).filter(({ Properties }) =>
    String(Properties.Description).startsWith(start),
  );
  return { Description: found!.Properties.Description };
}
