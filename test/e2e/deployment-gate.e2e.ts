import { cloud } from './cloud';
import { deploy, destroy, refusalOf, templateWithTag } from './cloud-fixtures';
import { onlyEmulated } from './only-emulated';
import { documents, listen, nameOf, push, quickstart, rowOnce } from './quickstart';
import { deployService, SERVICE } from '../../local/quickstart';

const REPOSITORY = 'team/app';

beforeAll(quickstart);
afterAll(() => destroy(SERVICE));

test("TrustedImage refuses a function of AWS Lambda, by a stack: the stack's events say why, and the fixed one is deployed", async () => {
  const vulnerable = await push(REPOSITORY, 'fixable-critical', 'gate-1');
  expect(await refusalOf(deployService(cloud(), 'gate-1'))).toContain('is refused: it does not pass policy');
  expect(await status()).toBe('ROLLBACK_COMPLETE');
  const reason = await lastReason('Custom::TrustedImage');
  expect(reason).toContain(
    `${nameOf(REPOSITORY, vulnerable)} is refused: it does not pass policy (1 violation, scan `,
  );
  expect(reason).toContain(
    '- vulnerabilities: CRITICAL CVE-2021-44906 in minimist 0.0.8 (app/node_modules/minimist/package.json)',
  );
  expect(reason).toContain('upgrade minimist to 0.2.4');
  expect(reason).toMatch(/verdict: s3:\/\/.+\/verdicts\/.+\.json/);
  expect(reason).toContain('To fix: fix the named violations, push, and deploy the new digest');

  const fixed = await push(REPOSITORY, 'clean', 'gate-2');
  await deployService(cloud(), 'gate-2');
  expect(await status()).toBe('CREATE_COMPLETE');
  expect(await runs()).toMatch(new RegExp(`/${REPOSITORY}@${fixed}$`));
  expect((await rowOnce(REPOSITORY, fixed, () => true)).statement).toBeDefined();
});

test('an update to a vulnerable image is rolled back: what ran before runs on', async () => {
  const before = await runs();
  expect(await refusalOf(updateTo('gate-1'))).toContain('is refused: it does not pass policy');
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await runs()).toBe(before);
});

onlyEmulated("the register is forged, which on AWS its table's policy denies", () => {
  test('rolling back to a revoked image succeeds, and the team is notified', async () => {
    const { AlertsTopicArn, RegisterTableName: TableName } = await quickstart();
    const alerts = await listen({ topicArn: AlertsTopicArn });
    const before = await runs();
    const digest = before.slice(before.indexOf('@') + 1);
    await push(REPOSITORY, 'root', 'gate-3');
    await documents().update({
      // as the administrator: a later scan that finds something new is another test's matter
      TableName,
      Key: { pk: nameOf(REPOSITORY, digest) },
      UpdateExpression: 'SET verdict.outcome = :fail, revokedBy = verdict.verdictId REMOVE #statement',
      ExpressionAttributeNames: { '#statement': 'statement' },
      ExpressionAttributeValues: { ':fail': 'FAIL' },
    });

    expect(await refusalOf(updateTo('gate-3'))).toContain('runs-as-root');
    expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await runs()).toBe(before);
    const alert = await alerts.until(
      body => body.includes('deployed without trust') && body.includes(`${REPOSITORY}@${digest}`),
    );
    expect(alert).toContain('its stack was rolling back');
  });
});

test('rule 5.7, fail closed: a tag that names nothing ends in an error that says so', async () => {
  expect(await refusalOf(updateTo('no-such-tag'))).toContain(
    'has no image with the tag "no-such-tag": push it first, then deploy',
  );
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
});

test('destroy is clean', async () => {
  await expect(destroy(SERVICE)).resolves.toBeUndefined();
});

async function updateTo(tag: string): Promise<void> {
  await deploy(await templateWithTag(SERVICE, tag), SERVICE);
}

async function status(): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: SERVICE });
  return Stacks![0]!.StackStatus!;
}

async function lastReason(type: string): Promise<string> {
  const { StackEvents = [] } = await cloud().cloudformation.describeStackEvents({ StackName: SERVICE });
  return StackEvents.find(
    ({ ResourceType, ResourceStatus }) => ResourceType === type && ResourceStatus === 'CREATE_FAILED',
  )!.ResourceStatusReason!;
}

/** The image that the service's function runs. */
async function runs(): Promise<string> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName: SERVICE });
  const { PhysicalResourceId } = StackResources.find(({ LogicalResourceId }) =>
    /^Function[0-9A-F]{8}$/.test(LogicalResourceId!),
  )!;
  const { Code } = await cloud().lambda.getFunction({ FunctionName: PhysicalResourceId! });
  return Code!.ImageUri!;
}
