import { join } from 'node:path';
import { cloud } from './cloud';
import { destroy } from './cloud-fixtures';
import { quickstart } from './quickstart';
import { cdk } from '../../local/cloud/cdk';
import { probeImage } from '../../src/core/scanning/probe-image';

const STACK = 'DeploymentProbe';
const cwd = join(__dirname, 'apps', 'deployment-probe');
const deploy = (...context: string[]) =>
  cdk(cloud(), ['deploy', '--require-approval=never', ...context.flatMap(each => ['-c', each])], { cwd });

beforeAll(quickstart); // for the databases of Trivy, which it serves
afterAll(() => destroy(STACK));

test('a first deployment scans an image of its own, with the real project, and nobody else hears of it', async () => {
  await deploy();
  expect(await probes()).toEqual(['SUCCEEDED']);

  const QueueUrl = await resource('AWS::SQS::Queue', /^ScannerRequests.{8}$/);
  const { Attributes } = await cloud().sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
  });
  const TableName = await resource('AWS::DynamoDB::GlobalTable', /^Register/);
  const { Items } = await cloud().dynamodb.scan({ TableName });
  expect(JSON.stringify(Items)).not.toContain(probeImage().digest);
});

test('a change after which no scan works is refused, with cause and remedy, and rolled back without a probe', async () => {
  await expect(deploy('database=public.ecr.aws/nobody/trivy-db:2')).rejects.toThrow(
    /a scan does not work in this account: DATABASE_UNAVAILABLE: .+; mirror the vulnerability database.+; the log of the build \S+ may say more\. To deploy without this check, set deploymentProbe to DeploymentProbe\.NONE/,
  );
  const { Stacks } = await cloud().cloudformation.describeStacks({ StackName: STACK });
  expect(Stacks![0]).toMatchObject({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
  expect(await probes()).toHaveLength(1 + 3);
});

test('a deployment that changes nothing of the scans has no probe, and the next change has one', async () => {
  await deploy();
  expect(await probes()).toHaveLength(4);
  await deploy('database=public.ecr.aws/aquasecurity/trivy-db:2');
  expect(await probes()).toHaveLength(5);
});

/** How the builds of the stack ended. */
async function probes(): Promise<string[]> {
  const project = await resource('AWS::CodeBuild::Project', /^Scanner/);
  const { ids = [] } = await cloud().codebuild.listBuildsForProject({ projectName: project });
  if (ids.length === 0) return [];
  const { builds = [] } = await cloud().codebuild.batchGetBuilds({ ids });
  return builds.map(({ buildStatus }) => buildStatus!);
}

async function resource(type: string, logicalId: RegExp): Promise<string> {
  const { StackResources = [] } = await cloud().cloudformation.describeStackResources({ StackName: STACK });
  return StackResources.find(
    ({ ResourceType, LogicalResourceId }) => ResourceType === type && logicalId.test(LogicalResourceId!),
  )!.PhysicalResourceId!;
}
