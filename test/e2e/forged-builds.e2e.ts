import type { StartBuildCommandInput } from '@aws-sdk/client-codebuild';
import { ulid } from 'ulid';
import { cloud, miniStack } from './cloud';
import { eventually } from './eventually';
import { onlyEmulated } from './only-emulated';
import {
  listen,
  loseEndOfBuildOf,
  makeRepository,
  nameOf,
  push,
  quickstart,
  resource,
  rowOnce,
  verdictOf,
} from './quickstart';
import { imageReference } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';

/** One image, whose verdict stands whatever is forged. */
let image: { repository: string; digest: string };
let verdict: RegisterRow['verdict'];

beforeAll(async () => {
  await quickstart();
  const repository = await makeRepository();
  image = { repository, digest: await push(repository, 'fixable-critical') };
  verdict = (await verdictOf(image.repository, image.digest)).row!.verdict;
});

const forgedBuildspec = JSON.stringify({ version: '0.2', phases: { build: { commands: ['true'] } } });

/** What somebody with codebuild:StartBuild can override, and the field that gives it away. */
const OVERRIDES: readonly (readonly [string, Partial<StartBuildCommandInput>])[] = [
  ['source.buildspec', { buildspecOverride: forgedBuildspec }],
  ['environment.image', { imageOverride: 'evil.example/trivy:latest' }],
  ['environment.privilegedMode', { privilegedModeOverride: true }],
  ['environment.computeType', { computeTypeOverride: 'BUILD_GENERAL1_LARGE' }],
  ['cache', { cacheOverride: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } }],
  [
    'environment.environmentVariables',
    { environmentVariablesOverride: [{ name: 'TRIVY_IGNOREFILE', value: '/tmp/all', type: 'PLAINTEXT' }] },
  ],
];

test.each(OVERRIDES)(
  'rule 5.2, provenance: a build with an overridden %s is not believed, and the verdict stands',
  async (field, override) => {
    const events = await listen({ eventBusName: await resource('AWS::Events::EventBus', 'TrustEvents') });
    const { repository, digest } = image;

    await startBuild(repository, digest, ulid(), override);

    const event = JSON.parse(
      await events.until(
        body =>
          body.includes(`${repository}@${digest}`) && body.includes('PROVENANCE') && body.includes(field),
      ),
    ) as { detail: { detail: string; standing: object } };
    expect(event.detail.detail).toContain(field);
    expect(event.detail.standing).toMatchObject({ outcome: 'FAIL' });
    expect((await rowOnce(repository, digest, () => true)).verdict).toEqual(verdict);
  },
);

onlyEmulated("the end of a build is lost, and a report is overwritten past the bucket's policy", () => {
  test('rule 5.2, provenance: a report that was overwritten after its build is not believed', async () => {
    await quickstart();
    const Bucket = await resource('AWS::S3::Bucket', 'TrustEvidenceUploads');
    const repository = await makeRepository();
    await loseEndOfBuildOf(repository);
    const digest = await push(repository, 'fixable-critical');
    const { lease } = await rowOnce(repository, digest, row => row.lease?.buildId !== undefined);
    await eventually('the end of the build', async () =>
      (await cloud().codebuild.batchGetBuilds({ ids: [lease!.buildId!] })).builds?.[0]?.buildComplete === true
        ? true
        : undefined,
    );

    const Key = `incoming/${lease!.scanId}/report.json.gz`;
    await expect(cloud().s3.putObject({ Bucket, Key, Body: 'forged' })).rejects.toThrow(
      /denied|not authorized/i,
    ); // not even an administrator
    await overwriteAsRoot(Bucket, Key);
    await cloud().sqs.sendMessage({
      QueueUrl: await resource('AWS::SQS::Queue', 'TrustScannerResults'),
      MessageBody: JSON.stringify({ version: 1, buildId: lease!.buildId }),
    });

    const row = await rowOnce(repository, digest, each => each.lastFailedScan !== undefined);
    expect(row.lastFailedScan).toMatchObject({
      cause: 'PROVENANCE',
      detail: expect.stringContaining('report.json.gz') as string,
    });
    expect(row.verdict).toBeUndefined();
  });
});

async function startBuild(
  repository: string,
  digest: string,
  scanId: string,
  override: Partial<StartBuildCommandInput>,
): Promise<void> {
  await quickstart();
  const { account, region } = cloud();
  const variables = {
    SCAN_ID: scanId,
    IMAGE: nameOf(repository, digest),
    IMAGE_REFERENCE: imageReference({ account, region, repository, digest }, 'amazonaws.com'),
  };
  await cloud().codebuild.startBuild({
    projectName: await resource('AWS::CodeBuild::Project', 'TrustScannerProject'),
    artifactsOverride: {
      type: 'S3',
      location: await resource('AWS::S3::Bucket', 'TrustEvidenceUploads'),
      path: 'incoming',
      name: scanId,
      namespaceType: 'NONE',
      packaging: 'NONE',
    },
    ...override,
    environmentVariablesOverride: [
      ...Object.entries(variables).map(([name, value]) => ({ name, value, type: 'PLAINTEXT' as const })),
      ...(override.environmentVariablesOverride ?? []),
    ],
  });
}

/** Past the bucket's policy, as only the emulator's root can: what is left to catch it is the checksum. */
async function overwriteAsRoot(Bucket: string, Key: string): Promise<void> {
  await miniStack().s3.putObject({ Bucket, Key, Body: 'forged' });
}
