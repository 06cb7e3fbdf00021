import { join } from 'node:path';
import { paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import type { Target } from '@aws-sdk/client-eventbridge';
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
import { documents, nameOf, push, quickstart } from './quickstart';
import { ORGANIZATION } from '../../local/cloud/accounts/let-in';
import { awsClients, type AwsClients } from '../../local/cloud/aws-clients';
import { cdk } from '../../local/cloud/cdk';
import type { CloudDescription } from '../../local/cloud/description';
import { stackResources } from '../../local/cloud/stack-resources';
import { follow, followTrust } from '../../local/demo/follow';
import { imageName } from '../../src/core/image/image';

onlyEmulated('it needs two more accounts');

const REPOSITORY = 'central/app';
/** An account of the organization that the trust lists, and one of another organization. */
const [TEAM, FOREIGNER] = ['233333333333', '833333333333'];
const teams = new TwoTeams('central');
/** A repository of the other account that the trust lists, and one that it does not. */
const [FORWARDED, UNLISTED] = ['central-shop/web', 'central-shop/unlisted'];
const trust = { year: 2026, importer: ORGANIZATION, forwarded: `${TEAM}/${FORWARDED}` };

let outputs: Record<string, string>;
let register: string;
let digest: string;
let team: CloudDescription;
let aws: AwsClients;
let foreigner: CloudDescription;

/** The app of the other account's team. */
function teamApp(by: CloudDescription, ...args: string[]): Promise<string> {
  return cdk(by, args.length === 0 ? ['deploy', '--require-approval=never'] : args, {
    cwd: join(__dirname, 'apps', 'import-account'),
    environment: {
      OUTPUTS: JSON.stringify(outputs),
      REPOSITORY,
      ...(by === team && { FORWARDED: trust.forwarded }),
    },
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
  foreigner = await otherAccount(FOREIGNER!, cloud().region);
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
  /** The name of the image in the repository of the other account. */
  let forwarded: string;

  /** As CloudFormation asks its hook. */
  async function ask(
    asked: string,
    of = { account: cloud().account, repository: REPOSITORY },
  ): Promise<{ hookStatus: string; message: string }> {
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
              ImageUri: `${of.account}.dkr.ecr.${cloud().region}.amazonaws.com/${of.repository}@${asked}`,
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

  test('admits an image of its own account, which was forwarded, scanned and signed there', async () => {
    const bus = outputs.TrustedImagesForwardingBusArn!;
    // more than the forwarder forwards: the bus and its rules decide
    const { RuleNames } = await aws.events.listRuleNamesByTarget({ TargetArn: bus });
    const { Targets } = await aws.events.listTargetsByRule({ Rule: RuleNames![0]! });
    const [{ RoleArn }] = Targets!;
    await forwardEverything(aws, { Id: 'bus', Arn: bus, RoleArn });
    await aws.ecr.createRepository({ repositoryName: UNLISTED });
    const ignored = await push(UNLISTED, 'clean', 'v1', team);

    const own = await push(FORWARDED, 'clean', 'v1', team);
    const there = { ...cloud(), account: TEAM! };
    forwarded = imageName({ ...there, repository: FORWARDED!, digest: own });
    await followTrust(there, register, FORWARDED, own);
    expect(await ask(own, { account: TEAM!, repository: FORWARDED })).toMatchObject({
      hookStatus: 'SUCCESS',
    });
    const { referrers } = await aws.ecr.listImageReferrers({
      repositoryName: FORWARDED,
      subjectId: { imageDigest: own },
    });
    expect(referrers).toHaveLength(1);

    const pk = imageName({ ...there, repository: UNLISTED, digest: ignored });
    expect((await documents().get({ TableName: register, Key: { pk } })).Item).toBeUndefined();
  });

  test('refuses what the trust revoked', async () => {
    await teams.platform({ ...trust, label: 'owner' });
    await eventually('the image is revoked', () => isRevoked(register, REPOSITORY, digest));
    expect(await ask(digest)).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringContaining('it was trusted, and a later verdict refused it'),
    });
    const own = { account: TEAM!, repository: FORWARDED! };
    await eventually('the image of the other account is revoked', async () =>
      (await rowOf(register, forwarded)).verdict!.outcome === 'FAIL' ? true : undefined,
    );
    expect(await ask(forwarded.split('@')[1]!, own)).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringContaining('it was trusted, and a later verdict refused it'),
    });
  });
});

test('the bus of forwarded pushes takes nothing from an account that the trust does not list, and nothing that is put there', async () => {
  const EventBusName = outputs.TrustedImagesForwardingBusArn!;
  const forged = {
    EventBusName,
    Source: 'aws.ecr',
    DetailType: 'ECR Image Action',
    Detail: JSON.stringify({ 'action-type': 'PUSH', result: 'SUCCESS', 'repository-name': FORWARDED }),
  };
  const stranger = awsClients(foreigner);
  for (const { events } of [stranger, aws]) {
    await expect(events.putEvents({ Entries: [forged] })).rejects.toThrow(
      `events:PutEvents on resource: ${EventBusName} because no resource-based policy allows`,
    );
  }
  const { QueueUrl } = await stranger.sqs.createQueue({ QueueName: 'dead-letters' });
  await forwardEverything(stranger, {
    Id: 'bus',
    Arn: EventBusName,
    RoleArn: await roleThatMayEverything(stranger),
    DeadLetterConfig: { Arn: `arn:aws:sqs:${foreigner.region}:${FOREIGNER}:dead-letters` },
  });
  await stranger.ecr.createRepository({ repositoryName: FORWARDED });
  await push(FORWARDED, 'clean', 'v1', foreigner);
  const dead = await eventually('the event that was not forwarded', async () => {
    const MessageAttributeNames = ['All'];
    return (await stranger.sqs.receiveMessage({ QueueUrl, MessageAttributeNames })).Messages?.[0];
  });
  expect(dead.MessageAttributes!.ERROR_CODE!.StringValue).toBe('NO_PERMISSIONS');
  expect(JSON.parse(dead.Body!)).toMatchObject({
    account: FOREIGNER,
    detail: { 'repository-name': FORWARDED },
  });
  // one host stands for the registries of all accounts here
  await stranger.ecr.deleteRepository({ repositoryName: FORWARDED, force: true });
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

/** A rule that somebody makes by hand, for every push of the account. */
async function forwardEverything({ events }: AwsClients, target: Target): Promise<void> {
  await events.putRule({ Name: 'everything', EventPattern: JSON.stringify({ source: ['aws.ecr'] }) });
  await events.putTargets({ Rule: 'everything', Targets: [target] });
}

async function roleThatMayEverything({ iam }: AwsClients): Promise<string> {
  const trusted = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sts:AssumeRole',
  };
  const { Role } = await iam.createRole({
    RoleName: 'forwarder',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: trusted }),
  });
  await iam.attachRolePolicy({
    RoleName: 'forwarder',
    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
  return Role!.Arn!;
}

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
