import { join } from 'node:path';
import { paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { cloud } from './cloud';
import { eventually } from './eventually';
import {
  isRevoked,
  otherAccount,
  outputsOf,
  refusalOf,
  rowOf,
  TwoTeams,
  untilImporters,
} from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { nameOf, push, quickstart } from './quickstart';
import { ORGANIZATION } from '../../local/cloud/accounts/cross-account-route';
import { awsClients, type AwsClients } from '../../local/cloud/aws-clients';
import { cdk } from '../../local/cloud/cdk';
import type { CloudDescription } from '../../local/cloud/description';
import { stackResources } from '../../local/cloud/stack-resources';
import { follow } from '../../local/demo/follow';

onlyEmulated('it needs two more accounts');

const REPOSITORY = 'central/app';
/** An account of the organization that the trust lists, and one of another organization. */
const [TEAM, FOREIGNER] = ['233333333333', '833333333333'];
const teams = new TwoTeams('central');
const trust = { year: 2026, importer: ORGANIZATION };

let outputs: Record<string, string>;
let register: string;
let digest: string;
let team: CloudDescription;
let aws: AwsClients;

/** The app of the other account's team. */
function teamApp(by: CloudDescription, ...args: string[]): Promise<string> {
  return cdk(by, args.length === 0 ? ['deploy', '--require-approval=never'] : args, {
    cwd: join(__dirname, 'apps', 'import-account'),
    environment: { OUTPUTS: JSON.stringify(outputs), REPOSITORY },
  });
}

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  await cloud().ecr.createRepository({ repositoryName: REPOSITORY });
  const pull = { Effect: 'Allow', Action: ['ecr:BatchGetImage', 'ecr:DescribeImages'] };
  const Condition = { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } };
  await cloud().ecr.setRepositoryPolicy({
    repositoryName: REPOSITORY,
    policyText: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { ...pull, Principal: { AWS: '*' }, Condition },
        { ...pull, Principal: { AWS: FOREIGNER } }, // so that only the trust refuses it
      ],
    }),
  });
  await teams.platform(trust);
  outputs = await teams.outputs();
  register = outputs.Register!;
  team = await otherAccount(TEAM!, cloud().region);
  aws = awsClients(team);
});

test('an account of a listed organization deploys a trusted image, and the trust knows that it does', async () => {
  digest = await push(REPOSITORY, 'clean', 'v1');
  await teamApp(team);
  expect((await outputsOf('ImportAccount', aws)).ImageUri).toContain(digest);
  await untilImporters(register, 1);
});

test('an account of another organization is refused', async () => {
  const foreigner = await otherAccount(FOREIGNER!, cloud().region);
  // a rollback would take the reason out of the last lines
  const refused = await refusalOf(teamApp(foreigner, 'deploy', '--require-approval=never', '--no-rollback'));
  expect(refused).toContain('is refused: it could not be looked up (AccessDenied');
  expect(refused).toContain(`importers: [Importer.account('${FOREIGNER}')]`);
});

test('an account may send requests to its own queue only, and of a request nothing but the image is read', async () => {
  const image = nameOf(REPOSITORY, digest);
  const before = await rowOf(register, image);
  const forged = { version: 1, image, reason: 'push', at: '2020-01-01T00:00:00Z', tag: 'forged' };
  const send = (QueueUrl: string, body: object) =>
    aws.sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify(body) });
  // its own queue takes no other reason, and of a request nothing but the image; the queue of all is closed
  await send(outputs.TrustedImagesScanRequestsQueueUrl!, forged);
  await send(outputs.TrustedImagesScanRequestsQueueUrl!, { ...forged, reason: 'request' });
  await expect(send(outputs.OwnRequests!, forged)).rejects.toThrow('sqs:SendMessage');
  const after = await eventually('the requested scan', async () => {
    const row = await rowOf(register, image);
    return row.verdict!.scanSeq > before.verdict!.scanSeq ? row : undefined;
  });
  expect(after.tags).toEqual(before.tags);
  expect(await eventually('the dead letter', deadLetter)).toBe(JSON.stringify(forged));
});

describe('a gate of the other account', () => {
  let gate: string;

  /** As CloudFormation asks its hook. */
  async function ask(asked: string): Promise<{ hookStatus: string; message: string }> {
    const event = {
      clientRequestToken: 'token',
      stackId: `arn:aws:cloudformation:${team.region}:${TEAM}:stack/Shop/6f1c7a10-0000-11f1-8000-0a1b2c3d4e5f`,
      actionInvocationPoint: 'CREATE_PRE_PROVISION',
      requestData: {
        targetName: 'AWS::Lambda::Function',
        targetLogicalId: 'Function',
        targetModel: {
          resourceProperties: {
            Code: {
              ImageUri: `${cloud().account}.dkr.ecr.${cloud().region}.amazonaws.com/${REPOSITORY}@${asked}`,
            },
          },
        },
      },
      requestContext: { invocation: 3 }, // the last look: it decides
    };
    const { Payload } = await aws.lambda.invoke({ FunctionName: gate, Payload: JSON.stringify(event) });
    return JSON.parse(Buffer.from(Payload!).toString()) as { hookStatus: string; message: string };
  }

  beforeAll(async () => {
    const resources = await stackResources(aws, 'ImportAccount');
    gate = resources.find(({ LogicalResourceId }) =>
      /^Gate[0-9A-F]{8}$/.test(LogicalResourceId!),
    )!.PhysicalResourceId!;
  });

  test('admits what the trust trusts, and refuses what failed and what it does not know', async () => {
    expect(await ask(digest)).toMatchObject({
      hookStatus: 'SUCCESS',
      message: expect.stringContaining('every image is trusted'),
    });
    const bad = await push(REPOSITORY, 'fixable-critical', 'bad');
    expect(await follow(cloud(), register, REPOSITORY, bad)).toMatchObject({ outcome: 'FAIL' });
    expect(await ask(bad)).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringContaining('it does not pass policy'),
    });
    expect(await ask(`sha256:${'0'.repeat(64)}`)).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringContaining('it has not been judged yet'),
    });
  });

  test('refuses what the trust revoked', async () => {
    await teams.platform({ ...trust, label: 'owner' });
    await eventually('the image is revoked', () => isRevoked(register, REPOSITORY, digest));
    expect(await ask(digest)).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringContaining('it was trusted, and a later verdict refused it'),
    });
  });
});

test('while another account imports the trust, its deletion is refused', async () => {
  await expect(teams.platform(trust, 'destroy', '--force')).rejects.toThrow('DELETE_FAILED');
  const { reason, resource } = await refusedDeletion();
  expect(reason).toContain(
    `are refused without it: ImportAccount in ${TEAM}.${team.region}, deployed last on `,
  );
  const wayPast = `aws cloudformation delete-stack --stack-name ${teams.platformStack} --retain-resources ${resource}`;
  expect(reason).toContain(wayPast);

  const StackName = teams.platformStack;
  await cloud().cloudformation.deleteStack({ StackName, RetainResources: [resource] });
  await eventually('the deletion', async () => {
    const { Stacks = [] } = await cloud().cloudformation.describeStacks({});
    return Stacks.every(each => each.StackName !== StackName) ? true : undefined;
  });
});

/** A message of importers that was not a request. */
async function deadLetter(): Promise<string | undefined> {
  const { sqs } = cloud();
  const { QueueUrls = [] } = await sqs.listQueues({ QueueNamePrefix: teams.platformStack });
  const QueueUrl = QueueUrls.find(url => url.includes('ImportersDeadLetters'));
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl });
  return Messages[0]?.Body;
}

/** The resource that was not deleted, and why. More than a page of events came after it. */
async function refusedDeletion(): Promise<{ reason: string; resource: string }> {
  const client = cloud().cloudformation;
  for await (const { StackEvents = [] } of paginateDescribeStackEvents(
    { client },
    { StackName: teams.platformStack },
  )) {
    const failed = StackEvents.find(
      ({ ResourceStatus, ResourceType }) =>
        ResourceStatus === 'DELETE_FAILED' && ResourceType === 'Custom::TrustedImagesImporters',
    );
    if (failed !== undefined) {
      return { reason: failed.ResourceStatusReason!, resource: failed.LogicalResourceId! };
    }
  }
  throw new Error('nothing refused the deletion');
}
