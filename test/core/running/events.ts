/*
 * Events as EventBridge delivers them, shaped after the samples of the AWS documentation. None was recorded
 * on AWS.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */

export const PLACE = { account: '000000000000', region: 'us-east-1' };
export const REGISTRY = `${PLACE.account}.dkr.ecr.${PLACE.region}.amazonaws.com`;
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const AT = '2026-01-05T12:00:00Z';
export const ROLE = 'arn:aws:sts::000000000000:assumed-role/deploy/session';

const arn = (service: string, rest: string) => `arn:aws:${service}:${PLACE.region}:${PLACE.account}:${rest}`;

export interface Container {
  readonly image?: string;
  readonly imageDigest?: string;
}

export function taskEvent(containers: readonly Container[], changes: object = {}, time = AT): object {
  return {
    version: '0',
    id: '3317b2af-7005-947d-b652-f55e762e571a',
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    ...PLACE,
    time,
    resources: [arn('ecs', 'task/prod/c13b4cb40f1f4fe4a2971f76ae5a47ad')],
    detail: {
      attachments: [{ id: '1', type: 'eni', status: 'ATTACHED', details: [] }],
      clusterArn: arn('ecs', 'cluster/prod'),
      containers: containers.map((each, at) => ({
        containerArn: arn('ecs', `container/${at}`),
        lastStatus: 'RUNNING',
        name: `c${at}`,
        taskArn: arn('ecs', 'task/prod/c13b4cb40f1f4fe4a2971f76ae5a47ad'),
        ...each,
      })),
      createdAt: AT,
      desiredStatus: 'RUNNING',
      group: 'service:web',
      lastStatus: 'RUNNING',
      launchType: 'FARGATE',
      overrides: { containerOverrides: [] },
      startedAt: AT,
      startedBy: 'ecs-svc/1234567890123456789',
      taskArn: arn('ecs', 'task/prod/c13b4cb40f1f4fe4a2971f76ae5a47ad'),
      taskDefinitionArn: arn('ecs', 'task-definition/web:7'),
      version: 4,
      ...changes,
    },
  };
}

/** A call that CloudTrail recorded. */
export function callEvent(
  service: string,
  eventName: string,
  requestParameters: unknown,
  responseElements: unknown = null,
  changes: object = {},
  time = AT,
): object {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    ...PLACE,
    time,
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: {
        type: 'AssumedRole',
        principalId: 'AROAEXAMPLE:session',
        arn: ROLE,
        accountId: PLACE.account,
        sessionContext: { sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::000000000000:role/deploy' } },
      },
      eventTime: time,
      eventSource: `${service}.amazonaws.com`,
      eventName,
      awsRegion: PLACE.region,
      sourceIPAddress: '203.0.113.7',
      userAgent: 'aws-cli/2.15.0',
      requestParameters,
      responseElements,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: PLACE.account,
      eventCategory: 'Management',
      ...changes,
    },
  };
}

/** Every way that the watcher knows, with an image as the event names it, if it does. */
export function ways(image: string): Record<string, object> {
  const containers = [{ name: 'app', image }];
  const task = {
    group: 'family:job',
    taskArn: arn('ecs', 'task/prod/1'),
    taskDefinitionArn: arn('ecs', 'task-definition/job:3'),
  };
  const service = {
    serviceName: 'web',
    serviceArn: arn('ecs', 'service/prod/web'),
    taskDefinition: arn('ecs', 'task-definition/web:7'),
  };
  return {
    'ecs:RegisterTaskDefinition': callEvent(
      'ecs',
      'RegisterTaskDefinition',
      { family: 'web', containerDefinitions: containers },
      { taskDefinition: { taskDefinitionArn: service.taskDefinition } },
    ),
    'ecs:CreateService': callEvent(
      'ecs',
      'CreateService',
      { cluster: 'prod', serviceName: 'web' },
      { service },
    ),
    'ecs:UpdateService': callEvent('ecs', 'UpdateService', { cluster: 'prod', service: 'web' }, { service }),
    'ecs:RunTask': callEvent(
      'ecs',
      'RunTask',
      { cluster: 'prod', taskDefinition: 'job' },
      { tasks: [task], failures: [] },
    ),
    'ecs:StartTask': callEvent(
      'ecs',
      'StartTask',
      { cluster: 'prod', taskDefinition: 'job:3', containerInstances: ['i'] },
      { tasks: [task], failures: [] },
    ),
    'lambda:CreateFunction': callEvent(
      'lambda',
      'CreateFunction20150331',
      { functionName: 'resize', code: {}, packageType: 'Image' },
      { functionArn: arn('lambda', 'function:resize'), packageType: 'Image' },
    ),
    'lambda:UpdateFunctionCode': callEvent(
      'lambda',
      'UpdateFunctionCode20150331v2',
      { functionName: 'resize', dryRun: false },
      { functionArn: arn('lambda', 'function:resize'), packageType: 'Image' },
    ),
    'batch:RegisterJobDefinition': callEvent(
      'batch',
      'RegisterJobDefinition',
      { jobDefinitionName: 'night', type: 'container', containerProperties: { image, vcpus: 1 } },
      { jobDefinitionArn: arn('batch', 'job-definition/night:1') },
    ),
    'batch:SubmitJob': callEvent(
      'batch',
      'SubmitJob',
      { jobName: 'tonight', jobDefinition: 'night', jobQueue: 'q' },
      { jobArn: arn('batch', 'job/1'), jobId: '1' },
    ),
    'apprunner:CreateService': callEvent(
      'apprunner',
      'CreateService',
      {
        serviceName: 'shop',
        sourceConfiguration: { imageRepository: { imageIdentifier: image, imageRepositoryType: 'ECR' } },
      },
      { service: { serviceName: 'shop', serviceArn: arn('apprunner', 'service/shop/1') } },
    ),
    'apprunner:UpdateService': callEvent(
      'apprunner',
      'UpdateService',
      {
        serviceArn: arn('apprunner', 'service/shop/1'),
        sourceConfiguration: { imageRepository: { imageIdentifier: image, imageRepositoryType: 'ECR' } },
      },
      { service: { serviceName: 'shop', serviceArn: arn('apprunner', 'service/shop/1') } },
    ),
    'sagemaker:CreateModel': callEvent(
      'sagemaker',
      'CreateModel',
      { modelName: 'm', primaryContainer: { image, modelDataUrl: 's3://b/m.tar.gz' } },
      { modelArn: arn('sagemaker', 'model/m') },
    ),
    'codebuild:CreateProject': callEvent(
      'codebuild',
      'CreateProject',
      { name: 'ci', environment: { type: 'LINUX_CONTAINER', image } },
      { project: { name: 'ci', arn: arn('codebuild', 'project/ci') } },
    ),
    'codebuild:UpdateProject': callEvent(
      'codebuild',
      'UpdateProject',
      { name: 'ci', environment: { type: 'LINUX_CONTAINER', image } },
      { project: { name: 'ci', arn: arn('codebuild', 'project/ci') } },
    ),
    'codebuild:StartBuild': callEvent('codebuild', 'StartBuild', { projectName: 'ci', imageOverride: image }),
    'codebuild:StartBuildBatch': callEvent('codebuild', 'StartBuildBatch', {
      projectName: 'ci',
      imageOverride: image,
    }),
  };
}

/** As CloudFormation makes the call for a stack, with the role that deploys. */
const BY_STACK = {
  userIdentity: {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::000000000000:assumed-role/cdk-hnb659fds-cfn-exec-role-1-us-east-1/AWSCloudFormation',
    accountId: PLACE.account,
    invokedBy: 'cloudformation.amazonaws.com',
  },
  sourceIPAddress: 'cloudformation.amazonaws.com',
};

/** As a schedule makes the call, with the role that it was given. */
const BY_SCHEDULE = {
  userIdentity: {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::000000000000:assumed-role/scheduled-tasks/night',
    accountId: PLACE.account,
    invokedBy: 'scheduler.amazonaws.com',
  },
  sourceIPAddress: 'scheduler.amazonaws.com',
};

/** The events of each way in the matrix of docs/gates.md, by its words there. */
export function eventsInMatrix(image: string): Record<string, readonly object[]> {
  const calls = ways(image);
  const changed = (event: object, changes: object): object => {
    const { detail } = event as { detail: object };
    return { ...event, detail: { ...detail, ...changes } };
  };
  const byStack = (...names: string[]) => names.map(name => changed(calls[name]!, BY_STACK));
  const task = taskEvent([{ image }]);
  const scheduled = [
    taskEvent([{ image }], { group: 'family:job', startedBy: 'events-rule/night' }),
    changed(calls['ecs:RunTask']!, BY_SCHEDULE),
  ];
  return {
    ...Object.fromEntries(Object.entries(calls).map(([way, event]) => [way, [event]])),
    'ecs:CreateExpressGatewayService': [task],
    'a service of Amazon ECS, by a stack': [
      ...byStack('ecs:RegisterTaskDefinition', 'ecs:CreateService', 'ecs:UpdateService'),
      task,
    ],
    'a service of Amazon ECS in Express Mode, by a stack': [task],
    'a scheduled task, by a stack': [...byStack('ecs:RegisterTaskDefinition'), ...scheduled],
    'a scheduled task, by scheduler:CreateSchedule, scheduler:UpdateSchedule or events:PutTargets': scheduled,
    'a function of AWS Lambda, by a stack': byStack('lambda:CreateFunction', 'lambda:UpdateFunctionCode'),
    'a job of AWS Batch, by a stack': byStack('batch:RegisterJobDefinition'),
    'a job of AWS Batch on Amazon EKS, with another image': [
      callEvent('batch', 'SubmitJob', {
        jobName: 'tonight',
        jobDefinition: 'night',
        eksPropertiesOverride: { podProperties: { containers: [{ name: 'job', image }] } },
      }),
    ],
    'a service of App Runner, by a stack': byStack('apprunner:CreateService', 'apprunner:UpdateService'),
    'a model of Amazon SageMaker, by a stack': byStack('sagemaker:CreateModel'),
    'a project of AWS CodeBuild, by a stack': byStack('codebuild:CreateProject', 'codebuild:UpdateProject'),
  };
}
