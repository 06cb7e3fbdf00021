import { Stack, type App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  EmergencyAccess,
  ImageTrust,
  PipelineGate,
  RepositorySelector,
  TrustedImage,
  type IImageTrust,
} from '../../../src';
import { findTrust, partOf } from '../../../use-cases/deployed-trust/find-trust';
import { deployed, KEY_ID } from '../../cli/stack/fakes';
import { newStack, trustStack } from '../../support/synthesise';

const ARN = `arn:aws:kms:us-east-1:000000000000:key/${KEY_ID}`;
const FORMER = 'arn:aws:kms:us-east-1:000000000000:key/former';
const QUESTION = { stack: 'Test', environment: {} };

function gate(stack: Stack, trust: IImageTrust): void {
  TrustedImage.fromTag(stack, 'Image', {
    trust,
    repository: Repository.fromRepositoryName(stack, 'Repository', 'team/app'),
    tag: 'v1',
  });
}

test('finds in the stack of the library itself what commands ask', async () => {
  const { template } = trustStack({ emergencyAccess: EmergencyAccess.BREAK_GLASS });
  const trust = await findTrust(QUESTION, deployed(template.toJSON()));
  expect(trust).toMatchObject({
    id: 'Trust',
    stack: 'Test',
    account: '000000000000',
    region: 'us-east-1',
    pinned: [{ arn: ARN }],
  });
  expect(trust.parts).toEqual({
    pinnedKeys: JSON.stringify([{ arn: ARN }]),
    register: expect.stringMatching(/^physical-TrustRegister[0-9A-F]{8}$/),
    policies: expect.stringMatching(/^physical-TrustPolicies[0-9A-F]{8}$/),
    findings: expect.stringMatching(/^physical-TrustFindings[0-9A-F]{8}$/),
    evidence: expect.stringMatching(/^physical-TrustEvidence[0-9A-F]{8}$/),
    scanRequests: expect.stringMatching(/^physical-TrustScannerRequests[0-9A-F]{8}$/),
    signingKey: ARN,
    enrolment: expect.stringMatching(
      /^\[\{"by":"prefix","prefix":"team\/"\},\{"by":"except","name":"physical-TrustScannerProbeRepository/,
    ),
    waiverLifeDays: '90',
    backgroundRequests: expect.stringMatching(/^physical-TrustScannerBackground[0-9A-F]{8}$/),
    scanProject: expect.stringMatching(/^physical-TrustScannerProject[0-9A-F]{8}$/),
    concurrency: '10',
    alertTopics: expect.stringMatching(
      /^\[\{"arn":"physical-TrustAlertsTopic[0-9A-F]{8}","format":"TEXT"\}\]$/,
    ),
    grants: expect.stringMatching(/^physical-TrustBreakGlass[0-9A-F]{8}$/),
  });
});

test("a trust's resources are those within its construct, as they were deployed", async () => {
  const { template } = trustStack();
  const { resources } = await findTrust(QUESTION, deployed(template.toJSON()));
  expect(resources.length).toBeGreaterThan(100);
  expect(resources.filter(({ logicalId }) => !logicalId.startsWith('Trust'))).toEqual([]);
  const project = resources.find(({ type }) => type === 'AWS::CodeBuild::Project')!;
  expect(project.physicalId).toBe(`physical-${project.logicalId}`);
  expect(project.properties.Environment).toMatchObject({ ComputeType: 'BUILD_GENERAL1_SMALL' });
});

test("the stack may be named by the environment, and the account and region are the stack's own", async () => {
  const { template } = trustStack();
  const arn = 'arn:aws-cn:cloudformation:cn-north-1:111111111111:stack/Test/1';
  const trust = await findTrust(
    { environment: { TRUSTED_IMAGES_STACK: 'Test' } },
    deployed(template.toJSON(), { arn }),
  );
  expect(trust).toMatchObject({
    account: '111111111111',
    region: 'cn-north-1',
    parts: { signingKey: `arn:aws-cn:kms:cn-north-1:111111111111:key/${KEY_ID}` },
  });
});

describe('several trusts in a stack', () => {
  const stack = newStack();
  for (const id of ['One', 'Two']) {
    new ImageTrust(stack, id, {
      repositories: [RepositorySelector.prefix('team/')],
      gate: { gateName: id },
    });
  }
  const reader = deployed(Template.fromStack(stack).toJSON());

  test('are told apart by --trust', async () => {
    expect(await findTrust({ ...QUESTION, trust: 'Two' }, reader)).toMatchObject({
      id: 'Two',
      parts: { register: expect.stringMatching(/^physical-TwoRegister/) },
    });
  });

  test.each([
    [undefined, 'holds 2 trusts: choose one with --trust, allowed: One, Two'],
    ['Three', 'holds no trust "Three", allowed: One, Two'],
  ])('--trust %s: usage', async (trust, says) => {
    const error = { kind: 'usage', message: expect.stringContaining(says) };
    await expect(findTrust({ ...QUESTION, trust }, reader)).rejects.toMatchObject(error);
  });
});

describe("a trust whose id begins with another's", () => {
  const stack = newStack();
  for (const id of ['Trust', 'Trust2']) {
    new ImageTrust(stack, id, { repositories: [RepositorySelector.prefix('team/')], gate: { gateName: id } });
  }
  const reader = deployed(Template.fromStack(stack).toJSON());

  test.each([
    ['Trust', /^(?:Trust(?!2|edImages)|TrustedImagesGateTrust(?!2))/],
    ['Trust2', /^(?:Trust2|TrustedImagesGateTrust2)/],
  ])('%s has its own resources, and none of the other', async (trust, own) => {
    const { resources } = await findTrust({ ...QUESTION, trust }, reader);
    expect(resources.length).toBeGreaterThan(100);
    expect(resources.filter(({ logicalId }) => !own.test(logicalId))).toEqual([]);
  });
});

describe('which keys are believed', () => {
  test('as the gates of the stack are told, former ones too', async () => {
    const stack = newStack();
    const former = Key.fromKeyArn(stack, 'Former', FORMER);
    const acceptedUntil = '2099-01-01T00:00:00.000Z';
    const trust = new ImageTrust(stack, 'Trust', {
      repositories: [RepositorySelector.prefix('team/')],
      signing: { formerKeys: [{ key: former, acceptedUntil }] },
    });
    gate(stack, trust);
    const found = await findTrust(QUESTION, deployed(Template.fromStack(stack).toJSON()));
    expect(found.pinned).toEqual([{ arn: ARN }, { arn: FORMER, acceptedUntil }]);
  });

  test('of a trust of an earlier version, which has no gate, as gates of other stacks are told: by an output that names the key that signs here', async () => {
    const template = JSON.parse(
      JSON.stringify(trustStack().template.toJSON()).replaceAll('"PINNED_KEYS"', '"NONE"'),
    ) as object;
    const outputs = new Map([
      ['PinnedKeys00000000', JSON.stringify([{ arn: ARN.replace(KEY_ID, 'of-another-trust') }])],
      ['PinnedKeys11111111', JSON.stringify([{ arn: ARN }, { arn: FORMER }])],
      ['PinnedKeyArns11111111', `${ARN},${FORMER}`],
    ]);
    expect((await findTrust(QUESTION, deployed(template, { outputs }))).pinned).toEqual([
      { arn: ARN },
      { arn: FORMER },
    ]);
  });
});

test('what the template computes or takes from elsewhere is not guessed', async () => {
  const template = trustStack().template.toJSON();
  const signer = Object.values<any>(template.Resources).find(
    ({ Properties }) => Properties?.Environment?.Variables?.SIGNING_KEY_ARN !== undefined,
  );
  signer.Properties.Environment.Variables.SIGNING_KEY_ARN = { 'Fn::ImportValue': 'key' };
  const trust = await findTrust(QUESTION, deployed(template));
  expect(trust.pinned).toEqual([{ arn: ARN }]); // as the gate of the stack is told
  expect(() => partOf(trust, 'signingKey')).toThrow(/does not tell the signing key of the trust Trust/);
});

test('what is given as a parameter is what was given', async () => {
  const template = trustStack().template.toJSON();
  const json = JSON.stringify(template).replace(
    /"SCAN_REQUESTS_QUEUE_URL":\{"Ref":"[^"]+"\}/g,
    '"SCAN_REQUESTS_QUEUE_URL":{"Ref":"Queue"}',
  );
  const trust = await findTrust(
    QUESTION,
    deployed(JSON.parse(json), { parameters: new Map([['Queue', 'https://queue']]) }),
  );
  expect(trust.parts.scanRequests).toBe('https://queue');
});

describe('is refused in one line', () => {
  test.each<[string, object, any, 'usage' | 'indeterminate', RegExp]>([
    ['no stack is named', { environment: {} }, {}, 'usage', /--stack NAME, or set TRUSTED_IMAGES_STACK/],
    [
      'there is none',
      { stack: 'Nowhere', environment: {} },
      {},
      'indeterminate',
      /^there is no stack "Nowhere" in this account and region/,
    ],
    [
      'a stack of something else',
      QUESTION,
      { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } },
      'indeterminate',
      /holds no trust/,
    ],
    ['a template in YAML', QUESTION, undefined, 'indeterminate', /is not JSON as the CDK writes it/],
  ])('%s', async (_, question, template, kind, message) => {
    const error = { kind, message: expect.stringMatching(message) };
    await expect(findTrust(question as typeof QUESTION, deployed(template))).rejects.toMatchObject(error);
  });

  test('a stack that holds gates of a trust, and not the trust', async () => {
    const { stack, trust } = trustStack();
    const service = new Stack(stack.node.root as App, 'Service');
    new PipelineGate(service, 'Gate', { trust });
    await expect(findTrust(QUESTION, deployed(Template.fromStack(service).toJSON()))).rejects.toMatchObject({
      message: expect.stringContaining('holds gates, and no trust'),
    });
  });

  test('a stack that holds gates of an imported trust, and not the trust', async () => {
    const app = newStack();
    const imported = ImageTrust.fromParameters(app, 'Imported', {
      publishedAs: 'platform',
      signingKeys: [
        { keyArn: 'arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab' },
      ],
    });
    gate(app, imported);
    await expect(findTrust(QUESTION, deployed(Template.fromStack(app).toJSON()))).rejects.toMatchObject({
      message: expect.stringContaining('holds gates, and no trust'),
    });
  });

  test('what cannot be told of a part', async () => {
    const { template } = trustStack();
    const trust = await findTrust(QUESTION, deployed(template.toJSON()));
    expect(() => partOf({ ...trust, parts: {} }, 'evidence')).toThrow(
      /does not tell the evidence bucket of the trust Trust/,
    );
    expect(() => partOf({ ...trust, parts: {} }, 'findings')).toThrow(
      /^the trust Trust of the stack \S+ has no findings table: leave out findings: FindingsStorage\.NONE where it is made/,
    );
  });
});
