import { AwsSchemas, unlikeSchema } from './aws-schemas';
import { KNOWN_OF_EVENTS, unexpected } from './known';
import { buildRecord } from '../../local/cloud/codebuild/build-record';
import { stateEvent } from '../../local/cloud/codebuild/state-event';
import { pulledThrough } from '../../local/cloud/ecr/pull-through';
import { imageAction } from '../../local/cloud/ecr/push-manifest';
import { serviceEvent, type EventDraft } from '../../local/cloud/events/service-event';
import { eventsInMatrix, taskEvent } from '../core/running/events';

const PLACE = { account: '000000000000', region: 'us-east-1' };
const DIGEST = `sha256:${'a'.repeat(64)}`;

let schemas: AwsSchemas;
beforeAll(async () => {
  schemas = await AwsSchemas.load();
});

interface Event {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: unknown;
}

function mistakesOf({ source, 'detail-type': detailType, detail }: Event): string[] {
  const shape = schemas.detailOf(source, detailType);
  if (shape === undefined) return [`${source} sends no "${detailType}" that AWS publishes`];
  return unlikeSchema(detail, shape).map(each => `${detailType}: ${each}`);
}

/** What the embedded cloud sends. */
function emulated(): Event[] {
  const build = buildRecord({
    base: { id: 'scans:0a', arn: 'arn:aws:codebuild:us-east-1:000000000000:build/scans:0a', buildNumber: 1 },
    project: {
      name: 'scans',
      serviceRole: 'role',
      source: { type: 'S3', location: 'assets/reader.zip', buildspec: 'version: 0.2' },
      artifacts: { type: 'S3', location: 'evidence' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'scanner',
        computeType: 'BUILD_GENERAL1_SMALL',
        environmentVariables: [{ name: 'A', value: '1' }],
      },
    },
    declared: {},
    request: { projectName: 'scans' },
    initiator: 'me',
    ...PLACE,
  });
  const phase = { phaseType: 'BUILD', startTime: 1, endTime: 2, durationInSeconds: 1, phaseStatus: 'FAILED' };
  const contexts = [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'it ended with 1' }];
  const drafts: EventDraft[] = [
    stateEvent(build),
    stateEvent({ ...build, phases: [{ ...phase, contexts }] } as never),
    imageAction('PUSH', 'team/app', DIGEST, 'v1', { 'manifest-media-type': 'application/json' }),
    imageAction('DELETE', 'team/app', DIGEST, undefined),
    pulledThrough(
      { prefix: 'public', upstreamUrl: 'registry.example.com' },
      { repository: 'public/team/app', tag: 'v1', digest: DIGEST },
      PLACE,
    ),
  ];
  return drafts.map(draft => serviceEvent(draft, PLACE));
}

/** What the tests of the run watcher are given in place of what services send. */
const made = () => [
  taskEvent([{ image: 'app', imageDigest: DIGEST }]),
  ...Object.values(eventsInMatrix('app')).flat(),
];

test('events of the embedded cloud, and those of tests, have no field and no type of a field that AWS does not publish', () => {
  const mistakes = [...emulated(), ...(made() as Event[])].flatMap(mistakesOf);
  expect(unexpected(mistakes, KNOWN_OF_EVENTS)).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'a field that does not exist',
    { 'image-name': 'app' },
    'detail.image-name is no field that AWS publishes',
  ],
  ['a property of another type', { result: true }, 'detail.result is boolean, AWS has: string'],
])('an event with %s is found', (_, more, mistake) => {
  const draft = imageAction('PUSH', 'team/app', DIGEST, 'v1');
  const event = serviceEvent({ ...draft, detail: { ...(draft.detail as object), ...more } }, PLACE);
  expect(mistakesOf(event)).toEqual([`ECR Image Action: ${mistake}`]);
  expect(unexpected(mistakesOf(event), KNOWN_OF_EVENTS)).toContain(`ECR Image Action: ${mistake}`);
});
