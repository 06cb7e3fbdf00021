import { join } from 'node:path';
import { paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import type { Target } from '@aws-sdk/client-eventbridge';
import { cloud, type CloudClient } from './cloud';
import { refusalOf } from './cloud-fixtures';
import { CommandLine } from './command-line';
import { eventually } from './eventually';
import { Gates } from './gates-fixtures';
import { isRevoked, otherAccount, outputsOf, rowOf, TwoTeams, untilImporters } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { documents, listen, nameOf, push, quickstart, type Listener } from './quickstart';
import { ORGANIZATION } from '../../local/cloud/accounts/let-in';
import type { AwsClients } from '../../local/cloud/aws-clients';
import { cdk } from '../../local/cloud/cdk';
import { follow, followTrust } from '../../local/demo/follow';
import { imageName, imageOf, type ImageName } from '../../src/core/image/image';
import { Tries } from '../../src/core/times';
import { taskEvent } from '../core/running/events';

onlyEmulated('it needs two more accounts');

const REPOSITORY = 'central/app';
/** An account of the organization that the trust lists, and one of another organization. */
const [TEAM, FOREIGNER] = ['233333333333', '833333333333'];
const teams = new TwoTeams('central');
/** A repository of the other account that the trust lists, and one that it does not. */
const [FORWARDED, UNLISTED] = ['central-shop/web', 'central-shop/unlisted'];
/** After it, a gate of Amazon ECS refuses what it cannot look up. */
const LAST_LOOK = Tries.gateLooks - 1;
const trust = { year: 2026, importer: ORGANIZATION, forwarded: `${TEAM}/${FORWARDED}` };

let outputs: Record<string, string>;
let register: string;
let digest: string;
let team: CloudClient;
let foreigner: CloudClient;

/** The app of the other account's team. */
function teamApp(by: CloudClient, ...args: string[]): Promise<string> {
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
});

test('an account of a listed organization deploys a trusted image, and the trust knows that it does', async () => {
  digest = await push(REPOSITORY, 'clean', 'v1');
  await teamApp(team);
  expect((await outputsOf('ImportAccount', team)).ImageUri).toContain(digest);
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
    team.sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify(body) });
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

describe('the gates of the other account', () => {
  const REFUSED = {
    failed: 'it does not pass policy',
    unknown: 'it has not been judged yet',
    revoked: 'it was trusted, and a later verdict refused it',
  } as const;
  let gates: Gates;
  let alerts: Listener;
  /** The name of the image in the repository of the other account. */
  let forwarded: string;

  const reference = (image: string) => {
    const { account, region, repository, digest: of } = imageOf(image as ImageName);
    return `${account}.dkr.ecr.${region}.amazonaws.com/${repository}@${of}`;
  };

  /** What the gates of CloudFormation, Amazon ECS and CodePipeline say. Amazon ECS shows no reason. */
  const askAll = (image: string, of = gates) =>
    Promise.all([
      of.cloudFormation(reference(image)),
      of.ecs(reference(image)),
      of.pipeline({ images: [reference(image)] }),
    ]);

  const isAdmitted = async (image: string) => (await askAll(image)).map(({ admitted }) => admitted);

  async function expectRefused(image: string, why: string): Promise<void> {
    const refused = { admitted: false, says: expect.stringContaining(why) };
    expect(await askAll(image)).toEqual([refused, expect.objectContaining({ admitted: false }), refused]);
    await alerts.until(body => body.includes(`${image} is refused: ${why}`));
  }

  beforeAll(async () => {
    gates = await Gates.of('ImportAccount', team);
    alerts = await listen({ topicArn: gates.topicArn }, team);
  });

  test('admit what the trust trusts, and refuse what failed and what it does not know', async () => {
    expect(await isAdmitted(nameOf(REPOSITORY, digest))).toEqual([true, true, true]);
    const bad = await push(REPOSITORY, 'fixable-critical', 'bad');
    expect(await follow(cloud(), register, REPOSITORY, bad)).toMatchObject({ outcome: 'FAIL' });
    await expectRefused(nameOf(REPOSITORY, bad), REFUSED.failed);
    await expectRefused(nameOf(REPOSITORY, `sha256:${'0'.repeat(64)}`), REFUSED.unknown);
  });

  test('rule 5.7, fail closed: those of an account that the trust does not list refuse everything', async () => {
    const stranger = await Gates.of('ImportAccount', foreigner, LAST_LOOK);
    const told = await listen({ topicArn: stranger.topicArn }, foreigner);
    const refused = {
      admitted: false,
      says: expect.stringMatching(
        new RegExp(`AccessDenied[^]*importers: \\[Importer.account\\('${FOREIGNER}'\\)\\]`),
      ),
    };
    expect(await askAll(nameOf(REPOSITORY, digest), stranger)).toEqual([
      refused,
      expect.objectContaining({ admitted: false }),
      refused,
    ]);
    await told.until(body => body.includes('it could not be looked up (AccessDenied'));
  });

  test('admit an image of their own account, which was forwarded, scanned and signed there', async () => {
    const bus = outputs.TrustedImagesForwardingBusArn!;
    // more than the forwarder forwards: the bus and its rules decide
    const { RuleNames } = await team.events.listRuleNamesByTarget({ TargetArn: bus });
    const { Targets } = await team.events.listTargetsByRule({ Rule: RuleNames![0]! });
    const [{ RoleArn }] = Targets!;
    await forwardEverything(team, { Id: 'bus', Arn: bus, RoleArn });
    await team.ecr.createRepository({ repositoryName: UNLISTED });
    const ignored = await push(UNLISTED, 'clean', 'v1', team);

    const own = await push(FORWARDED, 'clean', 'v1', team);
    const there = { ...cloud(), account: TEAM! };
    forwarded = imageName({ ...there, repository: FORWARDED!, digest: own });
    await followTrust(there, register, FORWARDED, own);
    expect(await isAdmitted(forwarded)).toEqual([true, true, true]);
    const { referrers } = await team.ecr.listImageReferrers({
      repositoryName: FORWARDED,
      subjectId: { imageDigest: own },
    });
    expect(referrers).toHaveLength(1);

    const pk = imageName({ ...there, repository: UNLISTED, digest: ignored });
    expect((await documents().get({ TableName: register, Key: { pk } })).Item).toBeUndefined();
  });

  test('refuse what the trust revoked', async () => {
    await teams.platform({ ...trust, label: 'owner' });
    await eventually('the image is revoked', () => isRevoked(register, REPOSITORY, digest));
    await expectRefused(nameOf(REPOSITORY, digest), REFUSED.revoked);
    await eventually('the image of the other account is revoked', async () =>
      (await rowOf(register, forwarded)).verdict!.outcome === 'FAIL' ? true : undefined,
    );
    await expectRefused(forwarded, REFUSED.revoked);
  });

  test('a run watcher tells the team of that account what runs although it is revoked', async () => {
    const container = { image: `${reference(forwarded).split('@')[0]}:v1` }; // the digest is looked up here
    // the rules of the watcher are proven by its template; the queue is what they deliver to
    await team.sqs.sendMessage({
      QueueUrl: gates.physical('AWS::SQS::Queue', 'WatcherEvents'),
      MessageBody: JSON.stringify(taskEvent([container], {}, new Date().toISOString())),
    });
    const told = await alerts.until(body => body.includes('service web in the cluster prod'));
    expect(told).toContain(`${forwarded} is refused: ${REFUSED.revoked}`);
  });

  describe('rule 5.11, break-glass: a grant of the trust', () => {
    let cli: CommandLine;

    const run = (command: string, ...more: string[]) =>
      cli.run(
        ['break-glass', command, '--image', reference(forwarded), '--scope', gates.serviceArn, ...more],
        { TRUSTED_IMAGES_STACK: teams.platformStack },
      );

    beforeAll(() => {
      cli = new CommandLine();
    });
    afterAll(() => cli.close());

    test('lets its image through its scope there and nowhere else, its use is told, and it ends', async () => {
      const [, eventBusName] = outputs.TrustedImagesEventBusArn!.split('/');
      const events = await listen({ eventBusName: eventBusName! });
      const why = ['--for', '1h', '--because', 'the shop is down for everybody', '--ticket', 'INC-1'];
      expect(await run('grant', ...why)).toMatchObject({ code: 0, err: '' });
      expect(await isAdmitted(forwarded)).toEqual([false, true, false]);
      const used = await events.until(
        body => body.includes('"Break-Glass Used"') && body.includes(gates.serviceArn),
      );
      expect(JSON.parse(used)).toMatchObject({ detail: { ticket: 'INC-1', reason: 'REVOKED' } });

      expect(await run('end')).toMatchObject({ code: 0, err: '' });
      expect(await isAdmitted(forwarded)).toEqual([false, false, false]);
    });
  });
});

test('rule 5.4, closed channels: the bus of forwarded pushes takes nothing from an account that the trust does not list, and nothing that is put there', async () => {
  const EventBusName = outputs.TrustedImagesForwardingBusArn!;
  const forged = {
    EventBusName,
    Source: 'aws.ecr',
    DetailType: 'ECR Image Action',
    Detail: JSON.stringify({ 'action-type': 'PUSH', result: 'SUCCESS', 'repository-name': FORWARDED }),
  };
  for (const { events } of [foreigner, team]) {
    await expect(events.putEvents({ Entries: [forged] })).rejects.toThrow(
      `events:PutEvents on resource: ${EventBusName} because no resource-based policy allows`,
    );
  }
  const { QueueUrl } = await foreigner.sqs.createQueue({ QueueName: 'dead-letters' });
  await forwardEverything(foreigner, {
    Id: 'bus',
    Arn: EventBusName,
    RoleArn: await roleThatMayEverything(foreigner),
    DeadLetterConfig: { Arn: `arn:aws:sqs:${foreigner.region}:${FOREIGNER}:dead-letters` },
  });
  await foreigner.ecr.createRepository({ repositoryName: FORWARDED });
  await push(FORWARDED, 'clean', 'v1', foreigner);
  const dead = await eventually('the event that was not forwarded', async () => {
    const MessageAttributeNames = ['All'];
    return (await foreigner.sqs.receiveMessage({ QueueUrl, MessageAttributeNames })).Messages?.[0];
  });
  expect(dead.MessageAttributes!.ERROR_CODE!.StringValue).toBe('NO_PERMISSIONS');
  expect(JSON.parse(dead.Body!)).toMatchObject({
    account: FOREIGNER,
    detail: { 'repository-name': FORWARDED },
  });
  // one host stands for the registries of all accounts here
  await foreigner.ecr.deleteRepository({ repositoryName: FORWARDED, force: true });
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
