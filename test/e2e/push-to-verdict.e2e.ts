import { gunzipSync } from 'node:zlib';
import { cloud, emulator } from './cloud';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import {
  documents,
  listen,
  makeRepository,
  nameOf,
  push,
  quickstart,
  resource,
  verdictOf,
} from './quickstart';
import { measurePush } from '../../bench/push-to-verdict';
import { stackResources } from '../../local/cloud/stack-resources';
import { EXPECTED } from '../../local/demo/expected';
import { CANARIES } from '../../local/images/zoo/canaries';
import { zooImage } from '../../local/images/zoo/zoo';
import { STACK } from '../../local/quickstart';
import { pageKey, scanKey } from '../../src/core/evidence/evidence-keys';
import { Verdict } from '../../src/core/evidence/verdict';

let pushed: Record<string, Promise<{ repository: string; digest: string }>>;

beforeAll(async () => {
  await quickstart();
  // all at once: builds wait for each other where there are few
  pushed = Object.fromEntries(
    EXPECTED.map(({ image }) => [
      image,
      makeRepository().then(async repository => ({ repository, digest: await push(repository, image) })),
    ]),
  );
  await Promise.all(Object.values(pushed));
});

test.each(EXPECTED)('$image: $title, so $outcome', async ({ image, outcome }) => {
  const { repository, digest } = await pushed[image]!;
  const followed = await verdictOf(repository, digest);

  expect(followed).toMatchObject({ outcome }); // shows the reason of another one
  if (outcome !== 'PASS') expect(followed.worst).not.toHaveLength(0);
});

test('a refused image is in the evidence, in the findings table and in one alert that a person can act on', async () => {
  const { AlertsTopicArn, EvidenceBucketName: Bucket, FindingsTableName } = await quickstart();
  const alerts = await listen({ topicArn: AlertsTopicArn });
  const repository = await makeRepository();
  const digest = await push(repository, 'fixable-critical', 'v7');
  const { row } = await verdictOf(repository, digest);

  const { Body } = await cloud().s3.getObject({ Bucket, Key: row!.verdict!.evidenceKey });
  const verdict = Verdict.parse(JSON.parse(await Body!.transformToString()));
  expect(verdict).toMatchObject({
    image: nameOf(repository, digest),
    outcome: 'FAIL',
    violationCount: 1,
    scanner: { version: '0.74.0' },
  });
  expect(verdict.rules.map(({ rule, outcome }) => `${rule} ${outcome}`)).toEqual(
    expect.arrayContaining(['vulnerabilities violated', 'secrets pass', 'runs-as-root pass']),
  );
  for (const file of ['report.json.gz', 'sbom.cdx.json.gz', 'report.sarif.gz']) {
    const stored = await cloud().s3.getObject({ Bucket, Key: scanKey(verdict.image, verdict.scanId, file) });
    expect(JSON.parse(gunzipSync(await stored.Body!.transformToByteArray()).toString())).toBeInstanceOf(
      Object,
    );
  }
  // it is written last
  const page = await eventually('the page', () =>
    cloud()
      .s3.getObject({ Bucket, Key: pageKey(verdict) })
      .catch(() => undefined),
  );
  expect(page.ContentType).toBe('text/html; charset=utf-8');
  expect(await page.Body!.transformToString()).toContain(`<title>FAIL: ${repository} of `);

  const findings = await eventually('the findings', async () => {
    const { Items = [] } = await documents().query({
      TableName: FindingsTableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': verdict.image },
    });
    return Items.length === 0 ? undefined : Items;
  });
  expect(findings).toContainEqual(
    expect.objectContaining({
      id: 'CVE-2021-44906',
      status: 'OPEN',
      severity: 'CRITICAL',
      package: 'minimist',
      violates: true,
      firstSeenAt: verdict.scannedAt,
    }),
  );

  const about = (body: string) => body.includes(repository) && body.includes(digest);
  const alert = JSON.parse(await alerts.until(about)) as { Subject: string; Message: string };
  expect(alert.Subject).toContain(`FAIL: ${repository}:v7`);
  expect(alert.Message).toContain(
    'CVE-2021-44906 in minimist 0.0.8 (app/node_modules/minimist/package.json)',
  );
  expect(alert.Message).toMatch(/upgrade minimist to 0\.2\.4/);
  expect(alert.Message).toContain(`s3://${Bucket}/verdicts/`);
  expect(alerts.all().filter(about)).toHaveLength(1);
});

test("a secret in what Trivy would take for a base image's layer, by a history that the pusher wrote, is found all the same", async () => {
  const repository = await makeRepository();
  const { outcome, worst } = await verdictOf(repository, await push(repository, 'secret-behind-history'));
  expect(outcome).toBe('FAIL');
  expect(worst.join('\n')).toContain('secret in /root/.ssh/id_rsa');
});

test('rule 5.5, untrusted text: no canary secret is in any stored document, table, alert or log', async () => {
  const { AlertsTopicArn, EvidenceBucketName, FindingsTableName, RegisterTableName } = await quickstart();
  const alerts = await listen({ topicArn: AlertsTopicArn });
  const events = await listen({ eventBusName: await resource('AWS::Events::EventBus', 'TrustEvents') });
  const repository = await makeRepository();
  const digest = await push(repository, 'canaries');
  expect((await verdictOf(repository, digest)).outcome).toBe('FAIL');
  const about = (body: string) => body.includes(repository) && body.includes(digest);
  await alerts.until(about);
  await events.until(about);

  const everything = [
    ...alerts.all(),
    ...events.all(),
    ...(await logs()),
    ...(await evidence(EvidenceBucketName)),
    JSON.stringify((await documents().scan({ TableName: FindingsTableName })).Items),
    JSON.stringify((await documents().scan({ TableName: RegisterTableName })).Items),
  ].join('\n');
  expect(everything).toContain(digest);
  expect(Object.keys(CANARIES)).toHaveLength(12);
  expect(Object.entries(CANARIES).filter(([, secret]) => everything.includes(secret))).toEqual([]);
});

/** Everything in the bucket. What builds uploaded is in another one, which the evaluator alone reads. */
async function evidence(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await cloud().s3.listObjectsV2({ Bucket });
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await cloud().s3.getObject({ Bucket, Key });
      const bytes = await Body!.transformToByteArray();
      return (Key!.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString();
    }),
  );
}

/** Of what the stack runs, and of nothing else in the account. */
async function logs(): Promise<string[]> {
  const { logGroups = [] } = await cloud().logs.describeLogGroups({});
  const ids = (await stackResources(cloud(), STACK)).map(({ PhysicalResourceId }) => PhysicalResourceId!);
  const pages = await Promise.all(
    logGroups
      .filter(({ logGroupName }) => ids.some(id => logGroupName!.endsWith(id)))
      .map(({ logGroupName }) => cloud().logs.filterLogEvents({ logGroupName })),
  );
  expect(pages.length).toBeGreaterThan(0);
  return pages.flatMap(({ events = [] }) => events.map(({ message }) => message!));
}

onlyEmulated('here is the Trivy that builds run', () => {
  test('the benchmark can measure a push and Trivy alone', async () => {
    const { RegisterTableName: register } = await quickstart();
    const content = await zooImage('many-findings');

    const times = await measurePush({ cloud: emulator(), register, content }, `team/${uniqueName('bench')}`);

    expect(times.verdict).toBeGreaterThan(times.pushed);
    expect(times.trusted).toBeGreaterThan(times.verdict);
    expect(times.bare).toBeGreaterThan(0);
  });
});
