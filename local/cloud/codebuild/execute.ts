import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { AwsClients, Credentials } from '../aws-clients';
import { EventDraft } from '../events/service-event';
import { Pullers } from '../pullers';
import { messageOf, Say } from '../say';
import { uploadArtifacts } from './artifacts';
import { buildEnvironment } from './build-environment';
import { BuildLog } from './build-log';
import { downloadSource } from './buildspec';
import { runPhases } from './phases';
import { RunningBuild } from './running-build';
import { stateEvent } from './state-event';
import { Steps } from './step';
import { BuildRecord } from './wire';

export interface ExecutionPorts {
  readonly aws: AwsClients;
  readonly endpoint: string;
  readonly region: string;
  /** Where builds get their folders. */
  readonly folder: string;
  /** Why the image of a build cannot be pulled, if it cannot. */
  readonly pull: (image: string, role: string) => Promise<string | undefined>;
  readonly pullers: Pullers;
  /** The PATH of every build. */
  readonly path: string;
  readonly publish: (event: EventDraft) => void;
  readonly say: Say;
}

type Status = NonNullable<BuildRecord['buildStatus']>;

/**
 * One build from its first phase to its last event. A program on this machine, not a container: image and
 * privileged mode change nothing.
 */
export async function execute(build: RunningBuild, ports: ExecutionPorts): Promise<void> {
  const { record } = build;
  const log = new BuildLog(ports.aws.logs, record.logs, ports.say);
  const scratch = mkdtempSync(join(ports.folder, 'build-'));
  const timer = setTimeout(() => build.interrupt('TIMED_OUT'), record.timeoutInMinutes! * 60_000);
  let status: Status;
  try {
    ports.publish(stateEvent(record));
    await log.open();
    status = build.interrupted ?? (await run(build, log, scratch, ports));
  } catch (error) {
    log.note(messageOf(error));
    ports.say(`build ${record.id}: ${messageOf(error)}`);
    const last = record.phases.at(-1)!;
    if (last.endTime === undefined) build.close(last, 'FAILED', messageOf(error));
    status =
      build.interrupted ??
      (/AccessDenied/.test(error instanceof Error ? error.name : '') ? 'FAILED' : 'FAULT');
  }
  clearTimeout(timer);
  await log.close();
  rmSync(scratch, { recursive: true, force: true });
  build.complete(status);
  ports.say(`build ${record.id}: ${status} after ${record.endTime! - record.startTime} s`);
  ports.publish(stateEvent(record));
}

async function run(
  build: RunningBuild,
  log: BuildLog,
  scratch: string,
  { aws, endpoint, region, path, pull, pullers }: ExecutionPorts,
): Promise<Status> {
  const { record } = build;
  const source = join(scratch, 'src');
  const state = join(scratch, 'state');
  const home = join(scratch, 'home');
  [source, state, home].forEach(folder => mkdirSync(folder));
  const credentials = await assumeRole(aws, record);
  pullers.learn(credentials.accessKeyId, record.serviceRole!);
  const s3 = new S3({ endpoint, region, credentials, forcePathStyle: true });
  const provisioning = build.open('PROVISIONING');
  const notPulled = await pull(record.environment.image!, record.serviceRole!.split('/').at(-1)!);
  build.close(provisioning, notPulled === undefined ? 'SUCCEEDED' : 'FAILED', notPulled);
  if (notPulled !== undefined) return 'FAILED';
  const download = build.open('DOWNLOAD_SOURCE');
  log.note(
    `Waiting for agent ping (emulated: a program on this machine, not in ${record.environment.image})`,
  );
  const buildspec = await downloadSource(record, source, scratch, s3);
  build.close(download, 'SUCCEEDED');
  const environment = await buildEnvironment({
    build: record,
    buildspec,
    credentials,
    endpoint,
    region,
    path,
    home,
    source,
  });
  const steps = new Steps(buildspec.env.shell, state, environment, source);
  const succeeded = await runPhases(build, buildspec, steps, log);
  if (build.interrupted !== undefined) return build.interrupted;
  record.exportedEnvironmentVariables = buildspec.env['exported-variables'].flatMap(name => {
    const value = steps.value(name);
    return value === undefined ? [] : [{ name, value }];
  });
  const upload = build.open('UPLOAD_ARTIFACTS');
  await uploadArtifacts({ build: record, artifacts: build.artifacts, buildspec, source, scratch, s3 }).then(
    () => build.close(upload, 'SUCCEEDED'),
    (error: unknown) => {
      log.note(messageOf(error));
      build.close(upload, 'FAILED', messageOf(error));
    },
  );
  return succeeded && upload.phaseStatus === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED';
}

async function assumeRole({ sts }: AwsClients, { serviceRole, logs }: BuildRecord): Promise<Credentials> {
  const { Credentials: session } = await sts.assumeRole({
    RoleArn: serviceRole,
    RoleSessionName: `AWSCodeBuild-${logs.streamName}`,
  });
  return {
    accessKeyId: session!.AccessKeyId!,
    secretAccessKey: session!.SecretAccessKey!,
    sessionToken: session!.SessionToken,
  };
}
