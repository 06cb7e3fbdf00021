import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { cloud } from './cloud';
import { makeRole } from './cloud-fixtures';
import { eventually } from './eventually';
import {
  buildsOf,
  listen,
  makeRepository,
  nameOf,
  push,
  quickstart,
  resource,
  rowOnce,
  verdictOf,
  type Listener,
} from './quickstart';
import { CVE, waiverFile } from './waiver-file';
import { clientsAs } from '../../local/cloud/assume-role';
import type { AwsClients } from '../../local/cloud/aws-clients';
import { stackResources } from '../../local/cloud/stack-resources';
import { STACK } from '../../local/quickstart';
import { FindingRow } from '../../src/core/findings/changes';
import { addDays, dayOf } from '../../src/core/waivers/life';
import { roleStatements, trustStack } from '../support/synthesise';

const FILE = 'waivers.yaml';
const DENIED = /AccessDenied|not authorized|denied/i;
const NONE = 'version: 1\nwaivers: []\n';

let Bucket: string;
let editor: AwsClients['s3'];

beforeAll(async () => {
  await quickstart();
  Bucket = await resource('AWS::S3::Bucket', 'TrustWaivers');
  editor = (await as(await makeRole('ec2.amazonaws.com', editRights()))).s3;
});

afterAll(() => write(NONE));

test('rule 4.9, re-evaluation: who may edit the file decides what is let through, without a build; a mistake in it changes nothing and is told; taking it back revokes', async () => {
  const { AlertsTopicArn, FindingsTableName } = await quickstart();
  const alerts = await listen({ topicArn: AlertsTopicArn });
  const events = await listen({ eventBusName: await resource('AWS::Events::EventBus', 'TrustEvents') });
  const repository = await makeRepository();
  const digest = await push(repository, 'fixable-critical', 'v1');
  const first = await verdictOf(repository, digest);
  expect(first.outcome).toBe('FAIL');
  const findings = async (status: FindingRow['status']) =>
    finding(FindingsTableName, nameOf(repository, digest), status);
  expect(await findings('OPEN')).toMatchObject({ violates: true });

  const expires = addDays(dayOf(new Date()), 2);
  await write(waiverFile(repository, expires));
  const waived = await rowOnce(
    repository,
    digest,
    ({ verdict, statement }) => verdict?.outcome === 'PASS' && statement?.verdictId === verdict.verdictId,
  );
  expect(waived.verdict).toMatchObject({
    scanId: first.row!.verdict!.scanId,
    waiverKeys: [expect.any(String)],
    validUntil: `${expires}T23:59:59.999Z`,
  });
  expect(waived.waiverRevision).toBe(first.row!.waiverRevision + 1);
  expect(await findings('WAIVED')).toMatchObject({
    violates: false,
    waivedBy: 'platform@example.com',
    waivedUntil: expires,
  });

  await write(`${waiverFile(repository, expires)}  - id: CVE-2026-*\n    owner: me\n`);
  const isRejection = (body: string) => body.includes('"Waivers Rejected"');
  expect(JSON.parse(await events.until(isRejection))).toMatchObject({
    detail: {
      location: `s3://${Bucket}/${FILE}`,
      problems: expect.arrayContaining([
        expect.stringMatching(/^waivers\.yaml:8:5: id is "CVE-2026-\*", allowed:/),
      ]) as string[],
    },
  });
  expect(await subjectOf(alerts, 'waivers.yaml:8:5')).toBe('the waiver file cannot be read: 5 problems');
  const still = await rowOnce(repository, digest, () => true);
  expect(still).toMatchObject({ waiverRevision: waived.waiverRevision, verdict: { outcome: 'PASS' } });

  await write(NONE);
  const { verdict, revokedBy, statement } = await rowOnce(
    repository,
    digest,
    row => row.verdict?.outcome === 'FAIL',
  );
  expect({ revokedBy, statement }).toEqual({ revokedBy: verdict!.verdictId, statement: undefined });
  await events.until(body => body.includes('"Image Revoked"') && body.includes(`${repository}@${digest}`));
  const open = await findings('OPEN');
  expect(open).toMatchObject({ violates: true });
  expect(open).not.toHaveProperty('waivedBy');
  expect(await buildsOf(repository, digest)).toBe(1);
});

test('rule 5.3, separation of duties: no role of the trust itself may write the file, and who may edit it may not delete it', async () => {
  const roles = (await stackResources(cloud(), STACK)).filter(
    ({ ResourceType }) => ResourceType === 'AWS::IAM::Role',
  );
  const failedScans = roles.map(async ({ LogicalResourceId, PhysicalResourceId }) => {
    const { s3 } = await as(`arn:aws:iam::${cloud().account}:role/${PhysicalResourceId}`);
    return s3.putObject({ Bucket, Key: FILE, Body: NONE }).then(
      () => LogicalResourceId,
      (error: Error) =>
        DENIED.test(`${error.name} ${error.message}`) ? undefined : `${LogicalResourceId}: ${error.name}`,
    );
  });
  expect(roles.length).toBeGreaterThan(10);
  expect((await Promise.all(failedScans)).filter(each => each !== undefined)).toEqual([]);
  await expect(editor.deleteObject({ Bucket, Key: FILE })).rejects.toThrow(DENIED);
  await expect(editor.putObject({ Bucket, Key: 'other.yaml', Body: NONE })).rejects.toThrow(DENIED);
});

function write(Body: string): Promise<unknown> {
  return editor.putObject({ Bucket, Key: FILE, Body });
}

async function finding(TableName: string, pk: string, status: FindingRow['status']): Promise<FindingRow> {
  return eventually(`a finding that is ${status}`, async () => {
    const { Items = [] } = await DynamoDBDocument.from(cloud().dynamodb).query({
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    });
    return Items.map(item => FindingRow.parse(item)).find(row => row.id === CVE && row.status === status);
  });
}

async function subjectOf(alerts: Listener, text: string): Promise<string> {
  return (JSON.parse(await alerts.until(body => body.includes(text))) as { Subject: string }).Subject;
}

/** What `grantEdit` gives, with the names of what was deployed. */
function editRights(): object[] {
  const stack = trustStack();
  stack.trust.waivers.grantEdit(
    new Role(stack.stack, 'Editor', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
  );
  return roleStatements(stack.template)
    .get('Editor')!
    .map(({ actions, resources }) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: resources.map(each => each.replace('TrustWaivers', `arn:aws:s3:::${Bucket}`)),
    }));
}

async function as(roleArn: string): Promise<AwsClients> {
  return clientsAs(cloud(), cloud(), roleArn.split('/').pop()!);
}
