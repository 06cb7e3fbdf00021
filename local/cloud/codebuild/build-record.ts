import {
  EnvironmentVariable,
  ProjectArtifacts,
  ProjectEnvironment,
  ProjectSource,
} from '@aws-sdk/client-codebuild';
import { Properties } from '../template-properties';
import { artifactKey } from './artifact-location';
import { BuildRecord, seconds, StartBuildRequest, WireProject } from './wire';

export interface BuildOrigin {
  /** What MiniStack made: id, ARN and number. */
  readonly base: {
    readonly id: string;
    readonly arn: string;
    readonly buildNumber?: number;
    readonly sourceVersion?: string;
  };
  readonly project: WireProject;
  /** As it was in the template: MiniStack forgets some of a project. */
  readonly declared: Properties;
  readonly request: StartBuildRequest;
  readonly initiator: string;
  readonly region: string;
  readonly account: string;
}

/**
 * The record of a build as BatchGetBuilds gives it: what the project says, with every override in its place.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
 */
export function buildRecord(origin: BuildOrigin): BuildRecord {
  const { base, project, request, initiator } = origin;
  const now = seconds();
  const artifacts = effectiveArtifacts(origin);
  return dropUndefined({
    id: base.id,
    arn: base.arn,
    buildNumber: base.buildNumber,
    projectName: project.name,
    buildStatus: 'IN_PROGRESS',
    currentPhase: 'QUEUED',
    buildComplete: false,
    startTime: now,
    sourceVersion: request.sourceVersion ?? (project.sourceVersion || undefined),
    phases: [
      {
        phaseType: 'SUBMITTED',
        phaseStatus: 'SUCCEEDED',
        startTime: now,
        endTime: now,
        durationInSeconds: 0,
      },
      { phaseType: 'QUEUED', startTime: now },
    ],
    source: source(project, request),
    secondarySources: request.secondarySourcesOverride ?? project.secondarySources ?? [],
    secondarySourceVersions: request.secondarySourcesVersionOverride ?? project.secondarySourceVersions ?? [],
    artifacts: builtArtifacts(artifacts, base.id, project.name),
    secondaryArtifacts: (request.secondaryArtifactsOverride ?? project.secondaryArtifacts ?? []).map(each =>
      builtArtifacts(each, base.id, project.name),
    ),
    cache: request.cacheOverride ?? project.cache ?? { type: 'NO_CACHE' },
    environment: environment(project, request),
    serviceRole: request.serviceRoleOverride ?? project.serviceRole,
    logs: logs(origin),
    timeoutInMinutes: request.timeoutInMinutesOverride ?? project.timeoutInMinutes ?? 60,
    queuedTimeoutInMinutes: request.queuedTimeoutInMinutesOverride ?? project.queuedTimeoutInMinutes ?? 480,
    encryptionKey: request.encryptionKeyOverride ?? project.encryptionKey,
    exportedEnvironmentVariables: [],
    fileSystemLocations: project.fileSystemLocations ?? [],
    debugSession:
      request.debugSessionEnabled === true ? { sessionEnabled: true, sessionTarget: '' } : undefined,
    autoRetryConfig: { autoRetryLimit: request.autoRetryLimitOverride ?? 0, autoRetryNumber: 0 },
    initiator,
  });
}

export function effectiveArtifacts({
  project,
  request,
}: Pick<BuildOrigin, 'project' | 'request'>): ProjectArtifacts {
  return request.artifactsOverride ?? project.artifacts ?? { type: 'NO_ARTIFACTS' };
}

function builtArtifacts(
  artifacts: ProjectArtifacts,
  id: string,
  projectName: string,
): NonNullable<BuildRecord['artifacts']> {
  if (artifacts.type !== 'S3') return { location: '' };
  const key = artifactKey(artifacts, { id, projectName });
  return dropUndefined({
    location: `arn:aws:s3:::${artifacts.location}${key === '' ? '' : `/${key}`}`,
    overrideArtifactName: artifacts.overrideArtifactName,
    encryptionDisabled: artifacts.encryptionDisabled ?? false,
    artifactIdentifier: artifacts.artifactIdentifier,
    bucketOwnerAccess: artifacts.bucketOwnerAccess,
  });
}

function source(project: WireProject, request: StartBuildRequest): ProjectSource {
  return dropUndefined({
    ...project.source,
    type: request.sourceTypeOverride ?? project.source?.type ?? 'NO_SOURCE',
    location: request.sourceLocationOverride ?? project.source?.location,
    buildspec: request.buildspecOverride ?? project.source?.buildspec,
    auth: request.sourceAuthOverride ?? project.source?.auth,
    gitCloneDepth: request.gitCloneDepthOverride ?? project.source?.gitCloneDepth,
    gitSubmodulesConfig: request.gitSubmodulesConfigOverride ?? project.source?.gitSubmodulesConfig,
    insecureSsl: request.insecureSslOverride ?? project.source?.insecureSsl ?? false,
    reportBuildStatus: request.reportBuildStatusOverride ?? project.source?.reportBuildStatus,
    buildStatusConfig: request.buildStatusConfigOverride ?? project.source?.buildStatusConfig,
  });
}

function environment(project: WireProject, request: StartBuildRequest): ProjectEnvironment {
  const own = project.environment;
  return dropUndefined({
    ...own,
    type: request.environmentTypeOverride ?? own?.type,
    image: request.imageOverride ?? own?.image,
    computeType: request.computeTypeOverride ?? own?.computeType,
    fleet: request.fleetOverride ?? own?.fleet,
    privilegedMode: request.privilegedModeOverride ?? own?.privilegedMode ?? false,
    certificate: request.certificateOverride ?? own?.certificate,
    registryCredential: request.registryCredentialOverride ?? own?.registryCredential,
    imagePullCredentialsType:
      request.imagePullCredentialsTypeOverride ?? own?.imagePullCredentialsType ?? 'CODEBUILD',
    environmentVariables: variables(own?.environmentVariables, request.environmentVariablesOverride),
  });
}

function variables(
  own: EnvironmentVariable[] = [],
  overrides: EnvironmentVariable[] = [],
): EnvironmentVariable[] {
  const byName = new Map([...own, ...overrides].map(variable => [variable.name, variable]));
  return [...byName.values()].map(variable => ({ ...variable, type: variable.type ?? 'PLAINTEXT' }));
}

function logs({ base, project, declared, request, region, account }: BuildOrigin): BuildRecord['logs'] {
  const wanted =
    request.logsConfigOverride?.cloudWatchLogs?.groupName ??
    (declared.LogsConfig as { CloudWatchLogs?: { GroupName?: unknown } } | undefined)?.CloudWatchLogs
      ?.GroupName;
  const groupName = typeof wanted === 'string' ? wanted : `/aws/codebuild/${project.name}`;
  const streamName = base.id.split(':')[1];
  return {
    groupName,
    streamName,
    deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${encodeURIComponent(groupName)}/log-events/${streamName}`,
    cloudWatchLogsArn: `arn:aws:logs:${region}:${account}:log-group:${groupName}:log-stream:${streamName}`,
    cloudWatchLogs: { status: 'ENABLED', groupName },
  };
}

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
