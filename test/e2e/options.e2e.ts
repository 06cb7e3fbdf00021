import { randomUUID } from 'node:crypto';
import type { Changes } from './apps/gated-stacks/changes';
import { cloud } from './cloud';
import { deploy as update, refusalOf } from './cloud-fixtures';
import { GatedStacks, type Part } from './gated-stacks';
import { onlyEmulated } from './only-emulated';
import { push, quickstart } from './quickstart';
import { stackResources } from '../../local/cloud/stack-resources';

onlyEmulated('each of its deployments changes an option of one more trust, or fails on purpose');

const app = new GatedStacks('Options');
const START = { billingGate: true };

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  await GatedStacks.makeTakenBus();
  const images = (['Shop', 'Billing'] as const).map(part => app.repository(part));
  for (const repositoryName of images) await cloud().ecr.createRepository({ repositoryName });
  await app.deploy('Platform', START);
  await Promise.all(images.map(repository => push(repository, 'clean', 'v1')));
  await app.deploy('Shop', START);
  await app.deploy('Billing', START);
});

afterAll(async () => {
  for (const part of ['Shop', 'Billing', 'Platform'] as const) await app.destroy(part);
  app.remove();
});

interface Step {
  /** In this order. A stack that is not among them is not deployed meanwhile. */
  readonly deployed: readonly Part[];
  readonly changes: Omit<Changes, 'name' | 'fails'>;
}

/** One after the other: each begins where the one before ended. */
const journey: [what: string, step: Step][] = [
  [
    'neither emergency access nor topics, and its gates follow',
    {
      deployed: ['Platform', 'Shop'],
      changes: { ...START, emergencyAccess: 'NONE', alertTopics: 'none' },
    },
  ],
  [
    'emergency access again, no findings and no probe, and a second gate is there before it',
    {
      deployed: ['Shop', 'Platform'],
      changes: { ...START, alertTopics: 'none', findings: 'NONE', deploymentProbe: 'NONE', secondGate: true },
    },
  ],
  [
    'another topic, its own evidence, and findings again; a gate less follows, and a stack that waited',
    {
      deployed: ['Platform', 'Shop', 'Billing'],
      changes: { ...START, alertTopics: 'other', evidence: 'own', secondGate: true, noEcsGate: true },
    },
  ],
  [
    'all that it had before, after the gate that went is back',
    { deployed: ['Shop', 'Platform'], changes: { ...START, alertTopics: 'other', evidence: 'own' } },
  ],
];

test.each(journey)(
  'the trust gets %s: each deployment fails once and goes back',
  async (_, { deployed, changes }) => {
    for (const part of deployed) {
      await app.failToDeploy(part, changes);
      await app.deploy(part, changes);
    }
    for (const [part, gate] of gatesOf(deployed, changes)) await expectToFollow(part, gate, changes);
  },
);

test('an app of another version than the gate is refused, and told which of both to deploy', async () => {
  const stack = app.stack('Billing');
  const { TemplateBody } = await cloud().cloudformation.getTemplate({ StackName: stack });
  for (const [version, fix] of [
    ['99', 'deploy the stack of the gate with the version'],
    ['0', 'deploy this app with the version'],
  ] as const) {
    const other = TemplateBody!.replace(/"SchemaVersion": ?"1"/, `"SchemaVersion":"${version}"`);
    expect(other).not.toBe(TemplateBody);
    const said = await refusalOf(update(JSON.parse(other) as object, stack));
    expect(said).toContain(`the resource has the SchemaVersion "${version}", and its gate reads "1": ${fix}`);
  }
});

test('whoever may invoke the gate gets no answer for a resource that does not ask', async () => {
  const { Stacks: [shop] = [] } = await cloud().cloudformation.describeStacks({
    StackName: app.stack('Shop'),
  });
  const StackId = shop!.StackId!;
  const resources = await stackResources(cloud(), app.stack('Shop'));
  const idOf = (type: string) =>
    resources.find(({ ResourceType }) => ResourceType === type)!.LogicalResourceId!;
  const image = idOf('Custom::TrustedImage');
  const RequestId = randomUUID();
  const bucket = `cloudformation-custom-resource-response-${cloud().region.replaceAll('-', '')}`;
  const urlOf = (id: string, host = `${bucket}.s3.amazonaws.com`) =>
    `https://${host}/${encodeURIComponent(`${StackId}|${id}|${RequestId}`)}`;
  const event = {
    RequestType: 'Update',
    ResourceType: 'Custom::TrustedImage',
    LogicalResourceId: image,
    PhysicalResourceId: 'forged',
    ResponseURL: urlOf(image),
    ResourceProperties: { SchemaVersion: '1' },
    StackId,
    RequestId,
  };
  const gate = 'AWS::Lambda::Function';
  const forged: [why: string, event: object][] = [
    ['allowed: CREATE_IN_PROGRESS or UPDATE_IN_PROGRESS, so it waits for no answer', event],
    [
      `is a \\"${gate}\\", allowed: Custom::TrustedImage`,
      { ...event, LogicalResourceId: idOf(gate), ResponseURL: urlOf(idOf(gate)) },
    ],
    ['the URL for the answer is for another resource', { ...event, LogicalResourceId: 'Another' }],
    ['its host is', { ...event, RequestType: 'Delete', ResponseURL: urlOf(image, 'example.com') }],
  ];
  const FunctionName = `TrustedImages-${app.stack('Platform')}`;
  const answers = await Promise.all(
    forged.map(([, Payload]) => cloud().lambda.invoke({ FunctionName, Payload: JSON.stringify(Payload) })),
  );
  for (const { FunctionError } of answers) expect(FunctionError).toBeDefined();
  const said = answers.map(({ Payload }) => Buffer.from(Payload!).toString()).join();
  const { LoggingConfig } = await cloud().lambda.getFunctionConfiguration({ FunctionName });
  const { events = [] } = await cloud().logs.filterLogEvents({ logGroupName: LoggingConfig!.LogGroup });
  const logged = said + events.map(({ message }) => message).join();
  for (const [why] of forged) expect(logged).toContain(why);
});

function gatesOf(deployed: readonly Part[], { noEcsGate, secondGate }: Step['changes']) {
  const gates: [Part, string][] = [];
  if (noEcsGate === undefined) gates.push(['Shop', 'Ecs']);
  if (secondGate !== undefined) gates.push(['Shop', 'Pipeline']);
  if (deployed.includes('Billing')) gates.push(['Billing', 'Ecs']);
  return gates;
}

/** It names what the trust has now, and nothing that it no longer has. */
async function expectToFollow(part: Part, gate: string, changes: Step['changes']): Promise<void> {
  const { GRANTS_TABLE, ALERT_TOPICS, EVIDENCE_BUCKET } = await app.variables(part, gate);
  const has = (type: string, id: string) => app.physical('Platform', type, id);
  const isGranted = changes.emergencyAccess === undefined;
  expect(GRANTS_TABLE).toBe(
    isGranted ? await has('AWS::DynamoDB::GlobalTable', 'TrustBreakGlass') : undefined,
  );
  const topic =
    changes.alertTopics === 'none'
      ? undefined
      : await has('AWS::SNS::Topic', changes.alertTopics === 'other' ? 'OtherTopic' : 'TrustAlertsTopic');
  expect(JSON.parse(ALERT_TOPICS!)).toEqual(topic === undefined ? [] : [{ arn: topic, format: 'TEXT' }]);
  expect(EVIDENCE_BUCKET).toBe(
    await has('AWS::S3::Bucket', changes.evidence === 'own' ? 'OwnEvidence' : 'TrustEvidence'),
  );
}
