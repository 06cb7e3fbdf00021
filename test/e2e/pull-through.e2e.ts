import { join } from 'node:path';
import { cloud, emulator } from './cloud';
import { destroy } from './cloud-fixtures';
import { eventually, uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { documents, makeRepository, nameOf, push, quickstart, rowOnce } from './quickstart';
import { pushTinyImage, tinyImage } from './tiny-image';
import { cdk } from '../../local/cloud/cdk';
import { ensureRepository } from '../../local/cloud/repositories';
import { VERSIONS } from '../../local/tools/versions';
import { RegisterRow } from '../../src/core/register/row';

onlyEmulated('its public registry is a repository of the test, and throttles when the test says so');

const cwd = join(__dirname, 'apps', 'pull-through');
const SCANNER = tinyImage('stands for the image of Trivy');
const CONTEXT = ['-c', `scanner=${SCANNER.digest}`];
const CACHED = [
  { repository: 'caches/public/aquasecurity/trivy', tag: VERSIONS.trivy },
  { repository: 'caches/public/aquasecurity/trivy-db', tag: '2' },
  { repository: 'caches/public/aquasecurity/trivy-java-db', tag: '1' },
];
/** The switch: the public registry throttles everything, until it is turned off. */
const THROTTLES = {
  match: { service: 'registry', pathPattern: '/v2/aquasecurity/*' },
  status: 429,
  errorCode: 'TOOMANYREQUESTS',
  message: 'Rate exceeded',
};

/** Of a scan, in milliseconds. */
const TIME_LIMIT = 5 * 60_000;

let registers: { readonly through: string; readonly directly: string };

beforeAll(async () => {
  await quickstart(); // for the databases of Trivy, which it serves
  await ensureRepository(cloud(), 'aquasecurity/trivy');
  await pushTinyImage(emulator().endpoint, 'aquasecurity/trivy', VERSIONS.trivy, SCANNER);
  await cdk(cloud(), ['deploy', '--all', '--require-approval=never', ...CONTEXT], { cwd });
  registers = { through: await register('PullThrough'), directly: await register('PullDirectly') };
});
afterEach(() => emulator().admin('faults', undefined, 'DELETE'));
afterAll(() => Promise.all(['PullThrough', 'PullDirectly'].map(each => destroy(each))));

async function register(StackName: string): Promise<string> {
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName });
  return Stacks![0]!.Outputs!.find(({ OutputKey }) => OutputKey === 'Register')!.OutputValue!;
}

/** The row of a new image, once its scan ended in one way or the other. */
async function scanned(trust: keyof typeof registers): Promise<RegisterRow> {
  const repository = `${trust}/${uniqueName('app')}`;
  await cloud().ecr.createRepository({ repositoryName: repository });
  const pk = nameOf(repository, await push(repository, 'clean', 'v1'));
  return eventually(
    'the end of a scan',
    async () => {
      const key = { TableName: registers[trust], Key: { pk }, ConsistentRead: true };
      const { Item } = await documents().get(key);
      const row = Item && RegisterRow.parse(Item);
      return row?.verdict === undefined && row?.lastFailedScan === undefined ? undefined : row;
    },
    TIME_LIMIT,
  );
}

/** Every tag in the cache, once all are there. */
async function filled(): Promise<string[]> {
  return eventually('three tags in the cache', async () => {
    const { repositories = [] } = await cloud().ecr.describeRepositories({});
    const names = repositories.map(({ repositoryName }) => repositoryName!);
    if (!CACHED.every(({ repository }) => names.includes(repository))) return undefined;
    const tags = await Promise.all(
      CACHED.map(async ({ repository }) => {
        const { imageDetails = [] } = await cloud().ecr.describeImages({ repositoryName: repository });
        return imageDetails.flatMap(({ imageTags = [] }) => imageTags.map(tag => `${repository}:${tag}`));
      }),
    );
    return tags.every(each => each.length > 0) ? tags.flat() : undefined;
  });
}

async function forgetCached(repositoryName: string): Promise<void> {
  await cloud().ecr.deleteRepository({ repositoryName, force: true });
}

async function physical(type: string, part: string): Promise<string> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({
    StackName: 'PullThrough',
  });
  return StackResources.find(each => each.ResourceType === type && each.LogicalResourceId!.includes(part))!
    .PhysicalResourceId!;
}

test('the first deployment fills the cache', async () => {
  expect(await filled()).toEqual(CACHED.map(({ repository, tag }) => `${repository}:${tag}`));
});

test('a public registry that answers 429: the cache serves on; without it builds retry, and then name what throttles', async () => {
  await filled();
  await emulator().admin('faults', [THROTTLES]);
  const repository = await makeRepository();
  const [through, directly, byDefault] = await Promise.all([
    scanned('through'),
    scanned('directly'),
    rowOnce(repository, await push(repository, 'clean'), row => row.lastFailedScan !== undefined),
  ]);

  expect(through.lastFailedScan).toBeUndefined();
  expect(through.verdict!.outcome).toBe('PASS');
  expect(directly.lastFailedScan).toMatchObject({
    cause: 'DATABASE_THROTTLED',
    detail: expect.stringContaining('TOOMANYREQUESTS') as string,
  });
  expect(byDefault.lastFailedScan!.cause).toBe('SCANNER_IMAGE_UNAVAILABLE');
});

test('a build fills the cache itself; without the right to import it fails, and says which right it lacks', async () => {
  await filled();
  const RoleName = await physical('AWS::IAM::Role', 'TrustScannerProjectRole');
  const PolicyName = 'NoImport';
  const deny = async (Action: string) =>
    cloud().iam.putRolePolicy({
      RoleName,
      PolicyName,
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Action, Resource: '*' }],
      }),
    });
  for (const action of ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository']) {
    await forgetCached('caches/public/aquasecurity/trivy-db');
    await deny(action);
    expect((await scanned('through')).lastFailedScan).toMatchObject({
      cause: 'DATABASE_UNAVAILABLE',
      detail: expect.stringContaining(`is not authorized to perform: ${action}`) as string,
    });
    await cloud().iam.deleteRolePolicy({ RoleName, PolicyName });
    expect(await scanned('through')).toMatchObject({ verdict: { outcome: 'PASS' } });
  }
});

test('an image that is not in the cache is not pulled by its digest: reconcile pulls it by its tag', async () => {
  await filled();
  await forgetCached('caches/public/aquasecurity/trivy');
  expect((await scanned('through')).lastFailedScan).toMatchObject({
    cause: 'SCANNER_IMAGE_UNAVAILABLE',
    detail: expect.stringContaining('manifest unknown') as string,
    retryAt: expect.any(String) as string,
  });

  const { FunctionError } = await cloud().lambda.invoke({
    FunctionName: await physical('AWS::Lambda::Function', 'TrustScannerReconciler'),
    Payload: JSON.stringify({ source: 'aws.events' }),
  });
  expect(FunctionError).toBeUndefined();
  expect(await scanned('through')).toMatchObject({ verdict: { outcome: 'PASS' } });
});
