import { paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { cloud, emulator } from './cloud';
import { eventually } from './eventually';
import { rowOf, TwoTeams, untilImporters } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { nameOf, push, quickstart } from './quickstart';
import { awsClients, type Credentials } from '../../local/cloud/aws-clients';
import { followTrust } from '../../local/demo/follow';

onlyEmulated('it needs one more account');

const REPOSITORY = 'central/app';
/** The account that the trust lists. */
const TEAM = '233333333333';
const teams = new TwoTeams('central');

/** A message of importers that was not a request. */
async function deadLetter(): Promise<string | undefined> {
  const { sqs } = cloud();
  const { QueueUrls = [] } = await sqs.listQueues({ QueueNamePrefix: teams.platformStack });
  const QueueUrl = QueueUrls.find(url => url.includes('ImportersDeadLetters'));
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl });
  return Messages[0]?.Body;
}

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a listed account may send requests to its own queue only, and of a request nothing but the image is read; while it imports the trust, the deletion of the trust is refused', async () => {
  await cloud().ecr.createRepository({ repositoryName: REPOSITORY });
  await teams.platform({ year: 2026, importer: TEAM });
  const outputs = await teams.outputs();
  const register = outputs.Register!;
  const digest = await push(REPOSITORY, 'clean', 'v1');
  await followTrust(cloud(), register, REPOSITORY, digest);

  const { endpoint, region } = cloud();
  const credentials = (await emulator().admin('accounts', { account: TEAM, region })) as Credentials;
  const { sqs } = awsClients({ endpoint, region, credentials });
  const image = nameOf(REPOSITORY, digest);
  const before = await rowOf(register, image);
  const forged = { version: 1, image, reason: 'push', at: '2020-01-01T00:00:00Z', tag: 'forged' };
  const send = (QueueUrl: string, body: object) =>
    sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify(body) });
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

  // rule 4.1 (messages are hints): a stack says that it imports the trust, as gates do
  const importer = `arn:aws:cloudformation:${region}:${TEAM}:stack/Shop/6f1c7a10-0000-11f1-8000-0a1b2c3d4e5f`;
  await send(outputs.TrustedImagesScanRequestsQueueUrl!, { version: 1, importer });
  await untilImporters(register, 1);
  await expect(teams.platform({ year: 2026, importer: TEAM }, 'destroy', '--force')).rejects.toThrow(
    'DELETE_FAILED',
  );
  const { reason, resource } = await refusedDeletion();
  expect(reason).toContain(`are refused without it: Shop in ${TEAM}.${region}, deployed last on `);
  const wayPast = `aws cloudformation delete-stack --stack-name ${teams.platformStack} --retain-resources ${resource}`;
  expect(reason).toContain(wayPast);

  const StackName = teams.platformStack;
  await cloud().cloudformation.deleteStack({ StackName, RetainResources: [resource] });
  await eventually('the deletion', async () => {
    const { Stacks = [] } = await cloud().cloudformation.describeStacks({});
    return Stacks.every(each => each.StackName !== StackName) ? true : undefined;
  });
});

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
