import { AT, callEvent, DIGEST, PLACE, REGISTRY, ROLE, taskEvent, ways } from './events';
import { CALLS } from '../../../src/core/running/calls';
import { readSighting } from '../../../src/core/running/read-sighting';
import type { Sighting, Unread } from '../../../src/core/running/sighting';

const IMAGE = `${REGISTRY}/team/app@${DIGEST}`;

function seen(event: unknown): Sighting | undefined {
  const read = readSighting(event);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

function unread(event: unknown): Unread {
  const read = readSighting(event);
  if (read.ok) throw new Error(`it was read: ${JSON.stringify(read.value)}`);
  return read.error;
}

test('the table has each call that the watcher listens to', () => {
  const listened = Object.entries(CALLS).flatMap(([service, calls]) =>
    Object.keys(calls).map(name => `${service}:${name.replace(/\d{8}(v\d+)?$/, '')}`),
  );
  expect(Object.keys(ways(IMAGE)).sort()).toEqual(listened.sort());
});

describe.each(Object.entries(ways(IMAGE)))('%s', (way, event) => {
  test('says who, what, where and when, and names its images or where they stand', () => {
    const sighting = seen(event)!;
    expect(sighting).toMatchObject({ way, place: PLACE, at: AT, who: `${ROLE} from 203.0.113.7` });
    expect(sighting.what).not.toMatch(/undefined|null/);
    expect(sighting.arn).not.toBe('');
    const isLookedUp = sighting.lookUp !== undefined;
    expect(sighting.images).toEqual(isLookedUp ? [] : [{ reference: IMAGE }]);
  });

  test('that failed ran nothing', () => {
    const { detail } = event as { detail: object };
    expect(seen({ ...event, detail: { ...detail, errorCode: 'AccessDenied' } })).toBeUndefined();
  });

  test('rule 5.12, watchers: whose parameters CloudTrail left out cannot be read, and is not taken for harmless', () => {
    const { detail } = event as { detail: object };
    for (const requestParameters of [null, undefined, { omitted: true }, 'cut']) {
      const cut = { ...event, detail: { ...detail, requestParameters, responseElements: null } };
      const read = readSighting(cut);
      expect({ requestParameters, ok: read.ok }).toEqual({ requestParameters, ok: false });
    }
  });
});

describe('a task of Amazon ECS', () => {
  test('is named by its service, with the digest that was pulled', () => {
    expect(seen(taskEvent([{ image: `${REGISTRY}/team/app:v1`, imageDigest: DIGEST }]))).toMatchObject({
      way: 'ECS Task State Change',
      what: 'service web in the cluster prod',
      images: [{ reference: `${REGISTRY}/team/app:v1`, digest: DIGEST }],
      who: 'not in this event; ECS says: started by ecs-svc/1234567890123456789',
    });
  });

  test('of no service is named by its family', () => {
    expect(seen(taskEvent([], { group: 'family:web' }))!.what).toBe('task of web in the cluster prod');
    expect(seen(taskEvent([], { group: undefined }))!.what).toBe('task of web in the cluster prod');
  });

  test('has all of its containers, sidecars too', () => {
    const sidecar = { image: 'public.ecr.aws/x/proxy:1' };
    expect(seen(taskEvent([{ image: IMAGE }, sidecar]))!.images).toHaveLength(2);
  });

  test('that was stopped before it started ran only what it had pulled', () => {
    const stopped = { lastStatus: 'STOPPED', startedAt: undefined, stopCode: 'TaskFailedToStart' };
    const containers = [{ image: 'a/b:1' }, { image: `${REGISTRY}/team/app:v1`, imageDigest: DIGEST }];
    expect(seen(taskEvent(containers, stopped))!.images).toEqual([
      { reference: `${REGISTRY}/team/app:v1`, digest: DIGEST },
    ]);
    expect(seen(taskEvent(containers, { ...stopped, startedAt: AT }))!.images).toHaveLength(2);
  });

  test('that is not there yet runs nothing', () => {
    for (const lastStatus of ['PROVISIONING', 'PENDING', 'DEACTIVATING']) {
      expect(seen(taskEvent([{ image: IMAGE }], { lastStatus }))).toBeUndefined();
    }
  });

  test('whose container has no image is looked up in its task definition', () => {
    expect(seen(taskEvent([{}]))).toMatchObject({
      images: [],
      lookUp: { kind: 'task-definition', name: expect.stringMatching(/task-definition\/web:7$/) },
    });
  });

  test('of another shape cannot be read', () => {
    expect(unread(taskEvent([], { containers: 'many' })).why).toMatch(/containers/);
    expect(unread(taskEvent([], { clusterArn: undefined })).why).toMatch(/clusterArn/);
    expect(unread(taskEvent([], { lastStatus: undefined })).why).toMatch(/lastStatus/);
  });
});

describe('AWS Batch', () => {
  const register = (properties: object) =>
    callEvent('batch', 'RegisterJobDefinition', { jobDefinitionName: 'j', ...properties });

  test.each([
    ['several nodes', { nodeProperties: { nodeRangeProperties: [{ container: { image: IMAGE } }] } }],
    ['tasks', { ecsProperties: { taskProperties: [{ containers: [{ image: IMAGE }] }] } }],
    ['pods', { eksProperties: { podProperties: { containers: [{ image: IMAGE }] } } }],
    ['pods that begin', { eksProperties: { podProperties: { initContainers: [{ image: IMAGE }] } } }],
    [
      'nodes with tasks',
      {
        nodeProperties: {
          nodeRangeProperties: [{ ecsProperties: { taskProperties: [{ containers: [{ image: IMAGE }] }] } }],
        },
      },
    ],
  ])('names images of %s', (_, properties) => {
    expect(seen(register(properties))!.images).toEqual([{ reference: IMAGE }]);
  });

  test('without any image where one is expected cannot be read', () => {
    expect(unread(register({ someNewProperties: { image: IMAGE } })).why).toMatch(/names no image/);
  });

  test('a job on Amazon EKS may replace the images of its definition', () => {
    const eksPropertiesOverride = { podProperties: { containers: [{ name: 'c', image: IMAGE }] } };
    const event = callEvent('batch', 'SubmitJob', {
      jobName: 'j',
      jobDefinition: 'd',
      eksPropertiesOverride,
    });
    expect(seen(event)).toMatchObject({
      images: [{ reference: IMAGE }],
      lookUp: { kind: 'job-definition', name: 'd' },
    });
  });
});

test('what runs no image is let go: zips, sources, updates that leave the image', () => {
  for (const event of [
    callEvent('lambda', 'CreateFunction20150331', { functionName: 'f' }, { packageType: 'Zip' }),
    callEvent('codebuild', 'UpdateProject', { name: 'p', description: 'new' }),
    callEvent('codebuild', 'StartBuild', { projectName: 'p' }),
    callEvent('apprunner', 'UpdateService', { serviceArn: 'a', instanceConfiguration: {} }),
    callEvent('apprunner', 'CreateService', {
      serviceName: 's',
      sourceConfiguration: { codeRepository: { repositoryUrl: 'https://github.com/a/b' } },
    }),
  ]) {
    expect(seen(event)).toBeUndefined();
  }
});

test('a model that is made of a package has an image that the event does not name', () => {
  const event = callEvent('sagemaker', 'CreateModel', {
    modelName: 'm',
    containers: [{ image: IMAGE }, { modelPackageName: 'arn:aws:sagemaker:package' }],
  });
  expect(unread(event).why).toMatch(/model package arn:aws:sagemaker:package/);
});

test.each([
  ['nothing', undefined],
  ['text', 'RunTask'],
  ['an event without a detail', { ...taskEvent([]), detail: undefined }],
  ['an event without a time', { ...taskEvent([]), time: 'yesterday' }],
  ['a call that nobody listens to', callEvent('ecs', 'DeleteEverything', {})],
  ['a call of another service', callEvent('ec2', 'RunInstances', {})],
  ['a record without a name', callEvent('ecs', '', {})],
])('%s cannot be read, and says so', (_, event) => {
  expect(unread(event).why).not.toBe('');
});

test('what is hostile in an event stays on one line', () => {
  const event = callEvent('ecs', 'Evil\u001b[31m\nCall', {}, null, {
    userIdentity: { arn: 'arn:aws:iam::1:user/a\u202eb\nc' },
  });
  expect(JSON.stringify(unread(event))).not.toMatch(/\\n|\\u001b|\u202e/);
});
