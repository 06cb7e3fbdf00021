import { BuildRecord } from './wire';
import { EventDraft } from '../events/service-event';

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html#sample-build-notifications-ref */
export function stateEvent(build: BuildRecord): EventDraft {
  return {
    source: 'aws.codebuild',
    detailType: 'CodeBuild Build State Change',
    resources: [build.arn],
    detail: {
      'build-status': build.buildStatus,
      'project-name': build.projectName,
      'build-id': build.arn,
      'additional-information': additionalInformation(build),
      'current-phase': build.currentPhase,
      'current-phase-context': '[]',
      version: '1',
    },
  };
}

function additionalInformation(build: BuildRecord): object {
  const { artifacts, environment, source, logs } = build;
  return {
    ...(artifacts?.location !== '' && {
      artifact: {
        location: artifacts?.location,
        ...(artifacts?.sha256sum !== undefined && {
          md5sum: artifacts.md5sum,
          sha256sum: artifacts.sha256sum,
        }),
      },
    }),
    cache: { type: build.cache?.type },
    'build-number': build.buildNumber,
    'timeout-in-minutes': build.timeoutInMinutes,
    'queued-timeout-in-minutes': build.queuedTimeoutInMinutes,
    'build-complete': build.buildComplete,
    initiator: build.initiator,
    'build-start-time': eventTime(build.startTime),
    source: { type: source.type, location: source.location },
    environment: {
      image: environment.image,
      'privileged-mode': environment.privilegedMode,
      'image-pull-credentials-type': environment.imagePullCredentialsType,
      'compute-type': environment.computeType,
      type: environment.type,
      'environment-variables': environment.environmentVariables,
    },
    logs: { 'group-name': logs.groupName, 'stream-name': logs.streamName, 'deep-link': logs.deepLink },
    phases: build.phases.map(phase => ({
      'phase-type': phase.phaseType,
      'start-time': eventTime(phase.startTime),
      ...(phase.endTime !== undefined && {
        'end-time': eventTime(phase.endTime),
        'duration-in-seconds': phase.durationInSeconds,
        'phase-status': phase.phaseStatus,
        'phase-context': (phase.contexts ?? []).map(({ statusCode, message }) => `${statusCode}: ${message}`),
      }),
    })),
  };
}

/** `Sep 1, 2017 4:12:29 PM`, as CodeBuild writes it. */
function eventTime(time: number): string {
  const text = new Date(time * 1000).toLocaleString('en-US', {
    timeZone: 'UTC',
    month: 'short',
    day: 'numeric',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
  });
  return text.replace(/\u202f/g, ' ').replace(/,([^,]*)$/, '$1');
}
