import { join } from 'node:path';
import { cloud } from './cloud';
import { deploy as update, destroy, templateWithTag } from './cloud-fixtures';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { followTrust } from '../../local/demo/follow';
import { publicKeyOf } from '../../local/verify/keys';
import { RegisterRow } from '../../src/core/register/row';
import { openEnvelope, PayloadType } from '../../src/core/signing/dsse';
import { keyHint } from '../../src/core/signing/verification-key';

onlyEmulated('it leaves a key and an alias of a fixed name to each of three deployments');

const REPOSITORY = 'rotation/app';
const PLATFORM = 'RotationPlatform';
const SERVICE = 'RotationService';
const cwd = join(__dirname, 'apps', 'key-rotation');

/** As they are deployed: which key signs, which one gates still believe, which image runs. */
interface Step {
  readonly year: number;
  readonly former?: string;
  readonly tag: string;
}

const deploy = ({ year, former, tag }: Step, ...stacks: string[]) =>
  cdk(cloud(), ['deploy', ...stacks, '--require-approval=never'], {
    cwd,
    environment: { YEAR: String(year), TAG: tag, ...(former !== undefined && { FORMER: former }) },
  });

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a key is replaced under gates of another stack: nothing sticks, what the former key signed is admitted until the new one has signed it', async () => {
  await cloud().ecr.createRepository({ repositoryName: REPOSITORY });
  await deploy({ year: 2026, tag: 'v1' }, PLATFORM);
  const register = await output(PLATFORM, 'Register');
  const digest = await push(REPOSITORY, 'clean', 'v1');
  await followTrust(cloud(), register, REPOSITORY, digest);
  await deploy({ year: 2026, tag: 'v1' }, SERVICE, '--exclusively');
  const before = await exportNames();

  // the steps of docs/operations.md
  const { Arn: former } = (await cloud().kms.describeKey({ KeyId: 'alias/rotation-2026' })).KeyMetadata!;
  await deploy({ year: 2027, former, tag: 'v1' }, '--all');
  expect(await exportNames()).toEqual(before);
  const { Arn: present } = (await cloud().kms.describeKey({ KeyId: 'alias/rotation-2027' })).KeyMetadata!;
  expect(await pinned()).toEqual([present, former]);
  expect((await cloud().kms.describeKey({ KeyId: former! })).KeyMetadata!.KeyState).toBe('Enabled');
  await expect(cloud().kms.describeKey({ KeyId: 'alias/rotation-2026' })).rejects.toThrow(
    /NotFound|not found/i,
  ); // its name goes with the construct

  // a deployment that is refused in between goes back to what ran
  await push(REPOSITORY, 'fixable-critical', 'bad');
  await expect(update(await templateWithTag(SERVICE, 'bad'), SERVICE)).rejects.toThrow(
    /is\s+refused:\s+it\s+does\s+not\s+pass\s+policy/,
  );
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');

  await push(REPOSITORY, 'clean', 'v2');
  await update(await templateWithTag(SERVICE, 'v2'), SERVICE);
  expect(await signedBy(register, digest)).toBe(former);

  await cloud().sqs.sendMessage({
    QueueUrl: await output(PLATFORM, 'Requests'),
    MessageBody: JSON.stringify({
      version: 1,
      image: nameOf(REPOSITORY, digest),
      reason: 'request',
      at: new Date().toISOString(),
    }),
  });
  await eventually(
    'the statement by the new key',
    async () => (await signedBy(register, digest)) === present || undefined,
  );
  const { verification } = await publicKeyOf(cloud(), present!);
  expect((await row(register, digest)).signature?.keyHint).toBe(keyHint(verification)); // in ECR too

  await push(REPOSITORY, 'clean', 'v3');
  await deploy({ year: 2027, tag: 'v3' }, '--all');
  expect(await exportNames()).toEqual(before);
  expect(await pinned()).toEqual([present]);
  expect(await output(SERVICE, 'ImageUri')).toContain(digest);

  await destroy(SERVICE);
  await destroy(PLATFORM);
});

async function output(stack: string, name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: stack });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

async function status(): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: SERVICE });
  return Stacks![0]!.StackStatus!;
}

async function exportNames(): Promise<string[]> {
  const { Exports = [] } = await cloud().cloudformation.listExports({});
  return Exports.map(({ Name }) => Name!)
    .filter(name => name.startsWith(`${PLATFORM}:`))
    .sort();
}

/** Which keys the gate of the trust and that of the other stack were told, and may fetch. */
async function pinned(): Promise<string[]> {
  const [own, other] = await Promise.all([
    pinnedBy(PLATFORM, /^TrustGateAwait[0-9A-F]{8}$/),
    pinnedBy(SERVICE, /^GateAwait[0-9A-F]{8}$/),
  ]);
  expect(own).toEqual(other);
  return other;
}

async function pinnedBy(StackName: string, logicalId: RegExp): Promise<string[]> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName });
  const { PhysicalResourceId } = StackResources.find(({ LogicalResourceId }) =>
    logicalId.test(LogicalResourceId!),
  )!;
  const { Environment, Role } = await cloud().lambda.getFunctionConfiguration({
    FunctionName: PhysicalResourceId!,
  });
  const told = (JSON.parse(Environment!.Variables!.PINNED_KEYS!) as { arn: string }[]).map(({ arn }) => arn);
  const { EvaluationResults = [] } = await cloud().iam.simulatePrincipalPolicy({
    PolicySourceArn: Role!,
    ActionNames: ['kms:GetPublicKey'],
    ResourceArns: [told.at(-1)!],
  });
  expect(EvaluationResults[0]!.EvalDecision).toBe('allowed');
  return told;
}

async function row(TableName: string, digest: string): Promise<RegisterRow> {
  const { Item } = await documents().get({
    TableName,
    Key: { pk: nameOf(REPOSITORY, digest) },
    ConsistentRead: true,
  });
  return RegisterRow.parse(Item);
}

/** The ARN of the key that the statement is by. */
async function signedBy(register: string, digest: string): Promise<string | undefined> {
  const { statement } = await row(register, digest);
  const { Keys = [] } = await cloud().kms.listKeys({});
  for (const { KeyArn } of Keys) {
    const { KeyMetadata } = await cloud().kms.describeKey({ KeyId: KeyArn! });
    if (KeyMetadata!.KeySpec !== 'ECC_NIST_P256') continue;
    const { verification } = await publicKeyOf(cloud(), KeyArn!);
    if (openEnvelope(statement?.envelope, PayloadType.statement, [verification]).ok) return KeyArn;
  }
  return undefined;
}
