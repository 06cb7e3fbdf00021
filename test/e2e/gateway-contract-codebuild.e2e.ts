import { emulator, miniStack } from './cloud';
import {
  deploy,
  finishedBuild,
  limitBuilds,
  makeProject,
  makeQueue,
  makeRole,
  makeRule,
  runBuild,
  usualBuilds,
} from './cloud-fixtures';
import { uniqueName } from './eventually';
import { onlyEmulated } from './only-emulated';
import { awsClients } from '../../local/cloud/aws-clients';

onlyEmulated('it holds the gateway itself against what AWS documents');

function buildspec(phases: Record<string, string[]>, more: object = {}): object {
  return {
    version: '0.2',
    phases: Object.fromEntries(Object.entries(phases).map(([phase, commands]) => [phase, { commands }])),
    ...more,
  };
}

test('a build runs its commands, exports its variables, and uploads what it made', async () => {
  const { s3, logs } = emulator();
  const Bucket = uniqueName('evidence');
  await s3.createBucket({ Bucket });
  const projectName = await makeProject(
    buildspec(
      {
        pre_build: ['export GREETING="good $WHEN"; mkdir out'],
        build: ['cd out', 'echo "$GREETING" > greeting.txt; echo no > other.txt', 'cat greeting.txt'],
        post_build: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING as $(basename "$PWD")"'],
      },
      {
        env: { 'exported-variables': ['GREETING'] },
        artifacts: { files: ['**/g*.txt'], 'base-directory': 'out' },
      },
    ),
  );

  const build = await runBuild({
    projectName,
    environmentVariablesOverride: [{ name: 'WHEN', value: 'morning' }],
    artifactsOverride: {
      type: 'S3',
      location: Bucket,
      path: 'incoming',
      name: '01ABC',
      namespaceType: 'NONE',
      packaging: 'NONE',
    },
  });

  expect(build).toMatchObject({
    buildStatus: 'SUCCEEDED',
    exportedEnvironmentVariables: [{ name: 'GREETING', value: 'good morning' }],
    artifacts: { location: `arn:aws:s3:::${Bucket}/incoming/01ABC` },
    initiator: 'administrator',
  });
  expect(build.phases?.map(phase => phase.phaseType)).toEqual([
    'SUBMITTED',
    'QUEUED',
    'PROVISIONING',
    'DOWNLOAD_SOURCE',
    'INSTALL',
    'PRE_BUILD',
    'BUILD',
    'POST_BUILD',
    'UPLOAD_ARTIFACTS',
    'COMPLETED',
  ]);
  expect((await s3.listObjectsV2({ Bucket })).Contents?.map(({ Key }) => Key)).toEqual([
    'incoming/01ABC/greeting.txt',
  ]);
  const { events } = await logs.getLogEvents({
    logGroupName: build.logs!.groupName,
    logStreamName: build.logs!.streamName,
  });
  expect(events?.map(({ message }) => message?.trimEnd())).toEqual(
    expect.arrayContaining(['good morning', 'succeeding: 1 as out']),
  );
});

test('an upload by a role that may only put objects fails, and names what is missing', async () => {
  const { s3 } = emulator();
  const Bucket = uniqueName('evidence');
  await s3.createBucket({ Bucket });
  const projectName = await makeProject(
    buildspec({ build: ['echo yes > greeting.txt'] }, { artifacts: { files: ['greeting.txt'] } }),
  );
  const artifactsOverride = { type: 'S3', location: Bucket, name: 'x', packaging: 'NONE' } as const;
  const run = async (...Action: string[]) =>
    runBuild({
      projectName,
      artifactsOverride,
      serviceRoleOverride: await makeRole('codebuild.amazonaws.com', [
        { Effect: 'Allow', Action: ['logs:*', 's3:PutObject', ...Action], Resource: '*' },
      ]),
    });

  const refused = await run();
  expect(refused.buildStatus).toBe('FAILED');
  expect(refused.phases?.find(({ phaseType }) => phaseType === 'UPLOAD_ARTIFACTS')).toMatchObject({
    phaseStatus: 'FAILED',
    contexts: [{ message: expect.stringContaining('s3:GetBucketAcl') }],
  });
  expect((await run('s3:GetBucketAcl', 's3:GetBucketLocation')).buildStatus).toBe('SUCCEEDED');
});

test('a build shows what was overridden, field by field', async () => {
  const projectName = await makeProject(buildspec({ build: ['false'] }));
  const serviceRole = await makeRole('codebuild.amazonaws.com');

  const build = await runBuild({
    projectName,
    serviceRoleOverride: serviceRole,
    imageOverride: 'other:2',
    privilegedModeOverride: true,
    environmentTypeOverride: 'LINUX_GPU_CONTAINER',
    computeTypeOverride: 'BUILD_GENERAL1_LARGE',
    certificateOverride: 'bucket/certificate.pem',
    registryCredentialOverride: { credential: 'secret', credentialProvider: 'SECRETS_MANAGER' },
    buildspecOverride: JSON.stringify(buildspec({ build: ['true'] })),
    secondarySourcesOverride: [{ type: 'S3', location: 'bucket/source.zip', sourceIdentifier: 'more' }],
    secondaryArtifactsOverride: [
      { type: 'S3', location: 'elsewhere', name: 'x', artifactIdentifier: 'more' },
    ],
    cacheOverride: { type: 'S3', location: 'bucket/cache' },
    environmentVariablesOverride: [{ name: 'A', value: '1', type: 'PLAINTEXT' }],
    debugSessionEnabled: true,
    timeoutInMinutesOverride: 7,
    encryptionKeyOverride: 'alias/other',
  });

  expect(build).toMatchObject({
    projectName,
    buildStatus: 'SUCCEEDED',
    serviceRole,
    environment: {
      image: 'other:2',
      privilegedMode: true,
      type: 'LINUX_GPU_CONTAINER',
      computeType: 'BUILD_GENERAL1_LARGE',
      certificate: 'bucket/certificate.pem',
      registryCredential: { credential: 'secret' },
      environmentVariables: [{ name: 'A', value: '1', type: 'PLAINTEXT' }],
    },
    source: { type: 'NO_SOURCE', buildspec: JSON.stringify(buildspec({ build: ['true'] })) },
    secondarySources: [{ location: 'bucket/source.zip', sourceIdentifier: 'more' }],
    secondaryArtifacts: [{ location: 'arn:aws:s3:::elsewhere/x', artifactIdentifier: 'more' }],
    cache: { type: 'S3', location: 'bucket/cache' },
    debugSession: { sessionEnabled: true },
    timeoutInMinutes: 7,
    encryptionKey: 'alias/other',
  });
  const { build: raw } = await miniStack().codebuild.startBuild({ projectName, imageOverride: 'other:2' });
  // the gap: nothing ran, nothing was overridden
  expect(raw).toMatchObject({ buildStatus: 'SUCCEEDED', environment: { image: 'scanner:1' } });
});

test('a failed build fails, and post_build still runs', async () => {
  const build = await runBuild({
    projectName: await makeProject(
      buildspec({
        build: ['exit 3', 'echo not reached'],
        post_build: ['test "$CODEBUILD_BUILD_SUCCEEDING" = 0'],
      }),
    ),
  });

  expect(build.buildStatus).toBe('FAILED');
  expect(build.phases?.find(({ phaseType }) => phaseType === 'BUILD')).toMatchObject({
    phaseStatus: 'FAILED',
    contexts: [{ message: expect.stringContaining('exit 3. Reason: exit status 3') }],
  });
  expect(build.phases?.find(({ phaseType }) => phaseType === 'POST_BUILD')).toMatchObject({
    phaseStatus: 'SUCCEEDED',
  });
});

test('a build is one and the same for one idempotency token', async () => {
  const { codebuild } = emulator();
  const request = {
    projectName: await makeProject(buildspec({ build: ['true'] })),
    idempotencyToken: uniqueName('token'),
  };

  const [first, second] = [await codebuild.startBuild(request), await codebuild.startBuild(request)];

  expect(second.build?.id).toBe(first.build?.id);
  await expect(codebuild.startBuild({ ...request, imageOverride: 'other:2' })).rejects.toMatchObject({
    name: 'InvalidInputException',
  });
});

test('a build can be stopped, with all that it started', async () => {
  const { codebuild } = emulator();
  const { build } = await codebuild.startBuild({
    projectName: await makeProject(buildspec({ build: ['sleep 60 & sleep 60'] })),
  });

  await codebuild.stopBuild({ id: build?.id });

  expect((await finishedBuild(build!.id!)).buildStatus).toBe('STOPPED');
});

test('a build ends at its timeout', async () => {
  const projectName = await makeProject(buildspec({ build: ['sleep 60'] }));

  const build = await runBuild({ projectName, timeoutInMinutesOverride: 0.01 });

  expect(build.buildStatus).toBe('TIMED_OUT');
});

describe('the account', () => {
  afterEach(usualBuilds);

  test('takes so many builds and no more', async () => {
    const { codebuild } = emulator();
    const projectName = await makeProject(buildspec({ build: ['true'] }));
    await limitBuilds({ maxConcurrent: 0, maxQueued: 5 });

    const ids: string[] = [];
    const startTooMany = async () => {
      for (let at = 0; at <= 5; at++) ids.push((await codebuild.startBuild({ projectName })).build!.id!);
    };
    await expect(startTooMany()).rejects.toMatchObject({ name: 'AccountLimitExceededException' });
    await usualBuilds();

    expect((await finishedBuild(ids[0]!)).buildStatus).toBe('SUCCEEDED');
  });

  test('without builds takes none, in the words of CodeBuild', async () => {
    const projectName = await makeProject(buildspec({ build: ['true'] }));
    await limitBuilds({ maxConcurrent: 0, maxQueued: 0 });
    await expect(emulator().codebuild.startBuild({ projectName })).rejects.toMatchObject({
      name: 'AccountLimitExceededException',
      message: 'Cannot have more than 0 builds in queue for the account',
    });
  });

  test('lets a build wait for others: it is in the phase QUEUED until it starts', async () => {
    const { codebuild } = emulator();
    const projectName = await makeProject(buildspec({ build: ['true'] }));
    await limitBuilds({ maxConcurrent: 0 });
    const { build } = await codebuild.startBuild({ projectName });
    const { builds } = await codebuild.batchGetBuilds({ ids: [build!.id!] });
    expect(builds![0]!.phases!.at(-1)).toEqual({ phaseType: 'QUEUED', startTime: expect.any(Date) });
    await usualBuilds();
    expect((await finishedBuild(build!.id!)).phases).toContainEqual(
      expect.objectContaining({
        phaseType: 'QUEUED',
        phaseStatus: 'SUCCEEDED',
        durationInSeconds: expect.any(Number),
      }),
    );
  });
});

test('a project cannot run more builds than the account: by the API, and in a template', async () => {
  const { codebuild } = emulator();
  const name = await makeProject(buildspec({ build: ['true'] }));
  const refused =
    'Project-level concurrent build limit cannot exceed the account-level concurrent build limit of 2';
  await expect(codebuild.updateProject({ name, concurrentBuildLimit: 3 })).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: refused,
  });
  await expect(codebuild.updateProject({ name, concurrentBuildLimit: 2 })).resolves.toBeDefined();
  const project = { Type: 'AWS::CodeBuild::Project', Properties: { ConcurrentBuildLimit: 3 } };
  await expect(deploy({ Resources: { Project: project } })).rejects.toThrow(refused);
  // the gap: it would be created
  await expect(miniStack().codebuild.updateProject({ name, concurrentBuildLimit: 3 })).resolves.toBeDefined();
});

test('a build tells its beginning and its end as events', async () => {
  const queue = await makeQueue();
  const projectName = await makeProject(buildspec({ build: ['true'] }));
  await makeRule(
    { source: ['aws.codebuild'], detail: { 'project-name': [projectName] } },
    { Arn: queue.arn },
  );

  const build = await runBuild({ projectName });
  const received = [JSON.parse(await queue.receive()), JSON.parse(await queue.receive())] as {
    detail: object;
  }[];

  expect(received.map(({ detail }) => detail)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ 'build-status': 'IN_PROGRESS', 'build-id': build.arn }),
      expect.objectContaining({ 'build-status': 'SUCCEEDED', 'build-id': build.arn }),
    ]),
  );
});

test('whoever may read the builds of a project may read them by its ARN, as on AWS', async () => {
  const { region, account, sts } = emulator();
  const projectName = await makeProject(buildspec({ build: ['true'] }));
  const build = await runBuild({ projectName });
  const role = await makeRole('lambda.amazonaws.com', [
    {
      Effect: 'Allow',
      Action: 'codebuild:BatchGetBuilds',
      Resource: `arn:aws:codebuild:${region}:${account}:project/${projectName}`,
    },
  ]);
  const { Credentials: session } = await sts.assumeRole({ RoleArn: role, RoleSessionName: 'reader' });
  const reader = awsClients({
    ...emulator(),
    credentials: {
      accessKeyId: session!.AccessKeyId!,
      secretAccessKey: session!.SecretAccessKey!,
      sessionToken: session!.SessionToken,
    },
  });
  const other = await runBuild({ projectName: await makeProject(buildspec({ build: ['true'] })) });

  await expect(reader.codebuild.batchGetBuilds({ ids: [build.id!] })).resolves.toMatchObject({
    builds: [{ id: build.id }],
  });
  await expect(reader.codebuild.batchGetBuilds({ ids: [build.id!, other.id!] })).rejects.toThrow(
    /not authorized/,
  );
});

test('a fault that was asked for is given as CodeBuild gives it, and to that operation only', async () => {
  const { codebuild, admin } = emulator();
  const projectName = await makeProject(buildspec({ build: ['true'] }));
  await admin('faults', [
    {
      match: { service: 'codebuild', operation: 'StartBuild' },
      times: 2,
      status: 400,
      errorCode: 'ThrottlingException',
    },
  ]);

  await expect(codebuild.batchGetProjects({ names: [projectName] })).resolves.toMatchObject({
    projects: [{ name: projectName }],
  });
  // the client asks twice
  await expect(codebuild.startBuild({ projectName })).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(codebuild.startBuild({ projectName })).resolves.toBeDefined();
});
