import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { gatedStack, tagged } from './gated-stack';
import { AlertTopic, ImageTrust, RepositorySelector } from '../../src';
import { environmentOf, nameOf, newStack, trustStack } from '../support/synthesise';

/** CloudFormation gives a custom resource an hour. */
const HOUR = 3600;
const PROVIDER = /^TrustedImagesc8[0-9a-f]{6}/;

/** The logical id without the address of the trust. */
const short = (id: string) => nameOf(id).replace(PROVIDER, '');

describe('in a stack that asks', () => {
  const { template } = gatedStack();
  const resources = template.toJSON().Resources as Record<string, any>;
  const [gate] = Object.keys(template.findResources('Custom::TrustedImage')) as [string];

  test('one function asks, one waits, and a queue is between them', () => {
    const ours = Object.entries(resources)
      .filter(([id]) => PROVIDER.test(id))
      .map(([id, { Type }]) => `${short(id)} ${Type}`);
    expect(ours.filter(each => /Function$|StateMachine$|Queue$/.test(each)).sort()).toEqual([
      'Await AWS::Lambda::Function',
      'Deployments AWS::SQS::Queue',
      'DeploymentsDeadLetters AWS::SQS::Queue',
      'Request AWS::Lambda::Function',
    ]);
    expect(short(resources[gate].Properties.ServiceToken['Fn::GetAtt'][0])).toBe('Request');
  });

  test('the functions are told where to ask and whom to believe', () => {
    const queue = environmentOf(template, 'Requests the scan').DEPLOYMENTS_QUEUE_URL!;
    expect(short(queue)).toBe('Deployments');
    const both = {
      POWERTOOLS_SERVICE_NAME: expect.stringMatching(/^TestTrustRegister\w{8}$/),
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

  test('what waits is looked at by two copies at most, whose failures are told message by message', () => {
    const [mapping, ...more] = Object.entries(resources)
      .filter(([id, { Type }]) => PROVIDER.test(id) && Type === 'AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => Properties);
    expect(more).toEqual([]);
    expect(mapping).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
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
    const trust = Object.keys(resources).filter(id => id.startsWith('Trust') && !PROVIDER.test(id));
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
    expect([...waitedFor(resources, gate)].filter(id => PROVIDER.test(id)).map(short)).toEqual(
      expect.arrayContaining([
        'Await',
        'AwaitRoleDefaultPolicy',
        'Request',
        'RequestRoleDefaultPolicy',
        'Deployments',
        'DeploymentsPolicy',
        'DeploymentsDeadLettersPolicy',
        expect.stringMatching(/^AwaitSqsEventSource/),
      ]),
    );
  });

  test('an image more names none of it again', () => {
    expect(resources[gate].DependsOn).toBeUndefined();
  });
});

/** What CloudFormation makes before a resource: what it names, and what that names. */
function waitedFor(resources: Record<string, any>, id: string, known = new Set<string>()): Set<string> {
  const named = [...JSON.stringify(resources[id]).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(
    ([, other]) => other!,
  );
  for (const other of [...named, ...([resources[id].DependsOn ?? []].flat() as string[])]) {
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

  test('two trusts in one stack are asked by functions of their own', () => {
    const stack = newStack();
    for (const id of ['One', 'Two']) {
      const trust = new ImageTrust(stack, id, { repositories: [RepositorySelector.prefix('team/')] });
      tagged(stack, trust, `team/${id.toLowerCase()}`, `${id}Image`);
    }
    const template = Template.fromStack(stack);
    const tokens = Object.entries(template.findResources('Custom::TrustedImage')).map(
      ([id, { Properties }]) => [nameOf(id), Properties.ServiceToken['Fn::GetAtt'][0].match(PROVIDER)[0]],
    );
    expect(tokens.map(([id]) => id)).toEqual([
      expect.stringMatching(/^OneImageTrustc8\w{6}$/),
      expect.stringMatching(/^TwoImageTrustc8\w{6}$/),
    ]);
    expect(new Set(tokens.map(([, provider]) => provider)).size).toBe(2);
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

test('without an image nothing asks', () => {
  expect(Object.keys(trustStack().template.toJSON().Resources).filter(id => PROVIDER.test(id))).toEqual([]);
});

/** The whole description of the function that starts with this. */
function described(template: Template, start: string): { Description: string } {
  const [found] = Object.values(template.findResources('AWS::Lambda::Function')).filter(({ Properties }) =>
    String(Properties.Description).startsWith(start),
  );
  return { Description: found!.Properties.Description };
}
