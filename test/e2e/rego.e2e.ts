import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { buildsOf, documents, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { follow } from '../../local/demo/follow';
import type { Content } from '../../local/images/content';
import { buildImage } from '../../local/images/image';
import { alpine } from '../../local/images/os-packages';
import type { ZooName } from '../../local/images/zoo/zoo';
import { RegisterRow } from '../../src/core/register/row';

onlyEmulated('a bucket of the test and four trusts of fixed names stay until the cloud ends');

const cwd = join(__dirname, 'apps', 'rego');
const Bucket = uniqueName('rego-rules');
let register: string;

/** Refuses by name; a second file makes it two. */
const refusing = (message: string) =>
  `package team\n\ndeny contains "${message}" if input.Metadata.ImageConfig.os == "linux"\n`;

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  await cloud().s3.createBucket({ Bucket });
  await cloud().s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  await cloud().s3.putObject({ Bucket, Key: 'policies/team.rego', Body: refusing('by the file') });
  await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd, environment: { BUCKET: Bucket } });
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Rego' });
  register = Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'Register')!.OutputValue!;
  for (const repositoryName of ['rego/app', 'rego/bucket']) {
    await cloud().ecr.createRepository({ repositoryName });
  }
});

afterAll(() => destroy('Rego'));

/** Alpine 3.14.2 says so itself; `input.OS.Version` is as much of it as Trivy looks up. */
function alpine314(): Promise<Content> {
  return buildImage({
    layers: [alpine('3.14.2', [{ name: 'musl', version: '1.2.2-r3' }])],
    config: { User: '65532', Entrypoint: ['/x'] },
  });
}

test.each<[string, () => Promise<Content | ZooName>, 'PASS' | 'FAIL', readonly RegExp[]]>([
  ['an image of Alpine 3.14', alpine314, 'FAIL', [/^rego: Alpine 3\.14 reached EOL; upgrade to 3\.19\+; /]],
  [
    'a critical vulnerability with a fix',
    async () => 'fixable-critical',
    'FAIL',
    [/^rego: CRITICAL CVE CVE-2021-44906 has available fix 0\.2\.4/],
  ],
  [
    'secrets',
    async () => 'secret-deleted-later',
    'FAIL',
    [/^rego: Secret exposed in \/app\/\.env: AWS Access Key ID/, /id_rsa/, /token\.txt/],
  ],
  ['none of these', async () => 'clean', 'PASS', []],
])(
  'the policy of the guide, unmodified, on %s',
  async (_what, image, outcome, worst) => {
    const digest = await push('rego/app', await image());
    const followed = await follow(cloud(), register, 'rego/app', digest, 60);
    expect(followed.outcome).toBe(outcome);
    expect(followed.worst).toEqual(worst.map(each => expect.stringMatching(each) as string));
  },
  90_000,
);

test('rule 4.9, re-evaluation: files in a bucket count as they are now: another version judges again without a scan, one that does not compile changes nothing', async () => {
  const digest = await push('rego/bucket', 'clean');
  const first = await follow(cloud(), register, 'rego/bucket', digest, 60);
  expect(first.worst).toEqual([expect.stringMatching(/^rego: by the file; /)]);

  // the clock, which stands still here
  const refresh = async () => cloud().lambda.invoke({ FunctionName: await publisher(), Payload: '{}' });
  const { VersionId } = await cloud().s3.putObject({
    Bucket,
    Key: 'policies/team.rego',
    Body: refusing('by another version'),
  });
  await refresh();
  const second = await rowOnce(
    'rego/bucket',
    digest,
    ({ verdict }) => verdict?.worst[0]?.includes('by another version') === true,
  );
  expect(second.policyRevision).toBe(first.row!.policyRevision + 1);
  expect(await buildsOf('rego/bucket', digest)).toBe(1);
  expect(await policyOf(second)).toContain(`"policies/team.rego":"${VersionId}"`);

  await cloud().s3.putObject({ Bucket, Key: 'policies/broken.rego', Body: 'package team\ndeny contains' });
  await refresh();
  expect((await rowOnce('rego/bucket', digest, () => true)).verdict).toEqual(second.verdict);
  await cloud().s3.deleteObject({ Bucket, Key: 'policies/broken.rego' });
});

test('a policy that does not compile fails the synthesis, with file, row and column', async () => {
  await expect(cdk(cloud(), ['synth'], { cwd: join(cwd, 'broken') })).rejects.toThrow(
    /broken\.rego:4:\d+: rego_parse_error/,
  );
});

async function publisher(): Promise<string> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName: 'Rego' });
  return StackResources.find(({ LogicalResourceId }) =>
    LogicalResourceId!.startsWith('TrustEvaluatorPolicyProviderframeworkonEvent'),
  )!.PhysicalResourceId!;
}

async function policyOf({ verdict }: RegisterRow): Promise<string> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName: 'Rego' });
  const evidence = StackResources.find(
    ({ ResourceType, LogicalResourceId }) =>
      ResourceType === 'AWS::S3::Bucket' && LogicalResourceId!.startsWith('TrustEvidence'),
  )!;
  const { Body } = await cloud().s3.getObject({
    Bucket: evidence.PhysicalResourceId,
    Key: `policies/${verdict!.policySha256}.json`,
  });
  return Body!.transformToString();
}

async function rowOnce(
  repository: string,
  digest: string,
  condition: (row: RegisterRow) => boolean,
): Promise<RegisterRow> {
  return eventually('the next verdict', async () => {
    const { Item } = await documents().get({
      TableName: register,
      Key: { pk: nameOf(repository, digest) },
      ConsistentRead: true,
    });
    const row = RegisterRow.parse(Item);
    return condition(row) ? row : undefined;
  });
}
