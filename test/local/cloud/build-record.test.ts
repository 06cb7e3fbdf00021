import { buildRecord } from '../../../local/cloud/codebuild/build-record';
import { StartBuildRequest, WireProject } from '../../../local/cloud/codebuild/wire';

const project: WireProject = {
  name: 'scans',
  serviceRole: 'role',
  source: { type: 'NO_SOURCE', buildspec: 'version: 0.2' },
  artifacts: { type: 'NO_ARTIFACTS' },
  environment: {
    type: 'LINUX_CONTAINER',
    image: 'scanner',
    computeType: 'BUILD_GENERAL1_SMALL',
    environmentVariables: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  },
};

function recordOf(request: Partial<StartBuildRequest> = {}, declared = {}) {
  const base = {
    id: 'scans:0a',
    arn: 'arn:aws:codebuild:us-east-1:000000000000:build/scans:0a',
    buildNumber: 1,
  };
  return buildRecord({
    base,
    project,
    declared,
    request: { projectName: 'scans', ...request },
    initiator: 'me',
    region: 'us-east-1',
    account: '000000000000',
  });
}

test('a build without overrides is its project, with the defaults of CodeBuild', () => {
  expect(recordOf()).toMatchObject({
    artifacts: { location: '' },
    cache: { type: 'NO_CACHE' },
    secondarySources: [],
    environment: {
      privilegedMode: false,
      environmentVariables: [
        { name: 'A', value: '1', type: 'PLAINTEXT' },
        { name: 'B', value: '2', type: 'PLAINTEXT' },
      ],
    },
    logs: { groupName: '/aws/codebuild/scans', streamName: '0a' },
  });
  expect(recordOf()).not.toHaveProperty('debugSession');
  expect(recordOf()).not.toHaveProperty('buildBatchArn');
});

test("an overridden variable takes the place of the project's, and a new one comes last", () => {
  const { environment } = recordOf({
    environmentVariablesOverride: [
      { name: 'A', value: '/secret', type: 'PARAMETER_STORE' },
      { name: 'C', value: '3' },
    ],
  });

  expect(environment.environmentVariables).toEqual([
    { name: 'A', value: '/secret', type: 'PARAMETER_STORE' },
    { name: 'B', value: '2', type: 'PLAINTEXT' },
    { name: 'C', value: '3', type: 'PLAINTEXT' },
  ]);
});

test.each([
  [{ path: 'incoming', name: '01ABC', namespaceType: 'NONE' as const }, 'arn:aws:s3:::bucket/incoming/01ABC'],
  [{ path: '/incoming/', name: '/', namespaceType: 'BUILD_ID' as const }, 'arn:aws:s3:::bucket/incoming/0a'],
  [{ packaging: 'ZIP' as const }, 'arn:aws:s3:::bucket/scans.zip'],
  [{ name: '/' }, 'arn:aws:s3:::bucket'],
])('artifacts %j are at %s', (artifacts, location) => {
  expect(
    recordOf({ artifactsOverride: { type: 'S3', location: 'bucket', ...artifacts } }).artifacts,
  ).toMatchObject({ location });
});

test('the log group of the template is used, which MiniStack forgets', () => {
  expect(recordOf({}, { LogsConfig: { CloudWatchLogs: { GroupName: 'scans-log' } } }).logs.groupName).toBe(
    'scans-log',
  );
});
