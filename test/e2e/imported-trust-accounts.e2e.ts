import { cloud, emulator } from './cloud';
import { eventually } from './eventually';
import { isRevoked, refusalOf, rowOf, TwoTeams } from './import-fixtures';
import { onlyEmulated } from './only-emulated';
import { nameOf, push, quickstart } from './quickstart';
import { awsClients, type Credentials } from '../../local/cloud/aws-clients';
import { bootstrap } from '../../local/cloud/cdk';
import type { CloudDescription } from '../../local/cloud/description';
import { followTrust } from '../../local/demo/follow';

onlyEmulated('it needs two more accounts');

const REPOSITORY = 'central/app';
/** Its image is judged after the change of the key. */
const NEW = 'central/new';
const REGION = 'eu-west-1';
/** The account that the trust lists, and one that it does not list. */
const [TEAM, STRANGER] = ['222222222222', '933333333333'];
const teams = new TwoTeams('central');

/** Another account, in another region than the trust. */
async function account(id: string): Promise<CloudDescription> {
  const { accessKeyId, secretAccessKey } = (await emulator().admin('accounts', {
    account: id,
    region: REGION,
  })) as Credentials;
  const description = {
    ...cloud(),
    account: id,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
  };
  await bootstrap(description);
  return description;
}

/** A repository of the trust's account, from which the other two may pull. */
async function sharedRepository(repositoryName: string): Promise<string> {
  const { repository } = await cloud().ecr.createRepository({ repositoryName });
  await cloud().ecr.setRepositoryPolicy({
    repositoryName,
    policyText: JSON.stringify({
      Version: '2012-10-17',
      Statement: [TEAM, STRANGER].map(id => ({
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${id}:root` },
        Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      })),
    }),
  });
  return repository!.repositoryArn!;
}

/** A message of importers that was not a request. */
async function deadLetter(): Promise<string | undefined> {
  const { sqs } = cloud();
  const { QueueUrls = [] } = await sqs.listQueues({ QueueNamePrefix: teams.platformStack });
  const QueueUrl = QueueUrls.find(url => url.includes('ImportersDeadLetters'));
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl });
  return Messages[0]?.Body;
}

beforeAll(quickstart); // for the databases of Trivy, which it serves

test('a team of another account and region asks a central trust: allowed, refused, revoked, with another key; an account that is not listed is denied', async () => {
  const repositories = await Promise.all([REPOSITORY, NEW].map(sharedRepository));
  await teams.platform({ year: 2026, importer: TEAM });
  const outputs = await teams.outputs();
  const register = outputs.Register!;
  const former = await teams.key(2026);
  const digest = await push(REPOSITORY, 'clean', 'v1');
  await followTrust(cloud(), register, REPOSITORY, digest);

  const from = await account(TEAM!);
  const deploy = (tag: string, keys: string[], repository = repositories[0]!, by = from) =>
    teams.team({ by: 'attributes', tag, keys, outputs, repository, from: by });
  await deploy('v1', [former]);

  const { endpoint, region } = cloud();
  const { sqs } = awsClients({ endpoint, region, credentials: from.credentials });
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

  await push(REPOSITORY, 'fixable-critical', 'bad');
  expect(await refusalOf(deploy('bad', [former]))).toContain('is refused: it does not pass policy');

  await teams.platform({ year: 2027, former, importer: TEAM });
  const present = await teams.key(2027);
  await push(NEW, 'clean', 'v2');
  expect(await refusalOf(deploy('v2', [former], repositories[1]))).toContain(
    'its statement is not signed by a pinned key',
  );
  await deploy('v2', [present, former], repositories[1]);

  const denied = await refusalOf(deploy('v1', [former], repositories[0], await account(STRANGER!)));
  expect(denied).toContain('is refused: it could not be looked up (AccessDenied');
  expect(denied).toContain(`importers: [Importer.account('${STRANGER}')]`);

  await teams.platform({ year: 2027, former, label: 'owner', importer: TEAM });
  await eventually('the image is revoked', () => isRevoked(register, REPOSITORY, digest));
  expect(await refusalOf(deploy('v1', [present]))).toContain(
    'it was trusted, and a later verdict refused it',
  );

  await teams.team(
    { by: 'attributes', tag: 'v1', keys: [present], outputs, repository: repositories[0]!, from },
    'destroy',
    '--force',
  );
  await teams.platform({ year: 2027, former, label: 'owner', importer: TEAM }, 'destroy', '--force');
});
