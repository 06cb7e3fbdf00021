import { join } from 'node:path';
import { cloud } from './cloud';
import { eventually } from './eventually';
import { buildsOf, documents, makeRepository, nameOf, push, quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { cosignVerify } from '../../local/cosign/verify';
import { follow, followTrust } from '../../local/demo/follow';
import { COSIGN_VERSIONS } from '../../local/tools/versions';
import { ensureCosigns } from '../../local/verify/programs';
import type { CosignPrograms } from '../../local/verify/verifiers';
import { RegisterRow } from '../../src/core/register/row';

const cwd = join(__dirname, 'apps', 'lifecycle');

let programs: CosignPrograms;

async function deploy(lenient: boolean): Promise<string> {
  process.env.LENIENT = lenient ? '1' : '0';
  await cdk(cloud(), ['deploy', '--require-approval=never'], { cwd });
  return output('Register');
}

async function output(name: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: 'Lifecycle' });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === name)!.OutputValue!;
}

/** What each cosign says of an image, as soon as all of them say the same. */
async function cosigns(repository: string, digest: string, accepted: boolean): Promise<string[]> {
  const key = `awskms:///${await output('SigningKey')}`;
  return eventually(`cosign to ${accepted ? 'accept' : 'refuse'} the image`, async () => {
    const question = { image: { repository, digest }, key, cloud: cloud() };
    const answers = await Promise.all(
      COSIGN_VERSIONS.map(version => cosignVerify({ ...question, cosign: programs[version] })),
    );
    return answers.every(answer => answer.accepted === accepted)
      ? answers.map(answer => answer.output)
      : undefined;
  });
}

beforeAll(async () => {
  await quickstart();
  programs = await ensureCosigns(line => process.stderr.write(`${line}\n`));
});

test('rule 4.9, re-evaluation: another policy judges every image again from its stored report, without a scan; signatures leave at the revocation and come back; destroy leaves nothing', async () => {
  const register = await deploy(false);
  const repository = await makeRepository('lifecycle');
  const digest = await push(repository, 'root');
  const first = await follow(cloud(), register, repository, digest);
  expect(first.outcome).toBe('FAIL');

  const row = async (condition: (row: RegisterRow) => boolean) =>
    eventually('the next verdict', async () => {
      const { Item } = await documents().get({
        TableName: register,
        Key: { pk: nameOf(repository, digest) },
        ConsistentRead: true,
      });
      const current = RegisterRow.parse(Item);
      return condition(current) ? current : undefined;
    });
  expect(await deploy(true)).toBe(register);
  const second = await row(({ verdict }) => verdict?.outcome === 'PASS');
  expect(second.policyRevision).toBe(first.row!.policyRevision + 1);
  expect(second.verdict).toMatchObject({
    scanId: first.row!.verdict!.scanId,
    validUntil: first.row!.verdict!.validUntil,
  });

  await followTrust(cloud(), register, repository, digest);
  await cosigns(repository, digest, true);

  await deploy(false);
  const third = await row(({ verdict }) => verdict?.outcome === 'FAIL');
  // the old document again, but no revision is ever used twice
  expect(third.policyRevision).toBe(second.policyRevision + 1);

  for (const why of await cosigns(repository, digest, false)) expect(why).toMatch(/^no signatures found/);
  const { imageIds } = await cloud().ecr.listImages({ repositoryName: repository });
  expect(new Set(imageIds!.map(({ imageDigest }) => imageDigest))).toEqual(new Set([digest]));

  await deploy(true);
  await followTrust(cloud(), register, repository, digest);
  await cosigns(repository, digest, true);
  expect(await buildsOf(repository, digest)).toBe(1);

  await cdk(cloud(), ['destroy', '--force'], { cwd });
  const { TableNames } = await cloud().dynamodb.listTables({});
  expect(TableNames!.filter(name => name.startsWith('Lifecycle-'))).toEqual([]);
  const { Buckets } = await cloud().s3.listBuckets({});
  expect(Buckets!.filter(({ Name }) => Name!.startsWith('lifecycle-'))).toEqual([]);
});
