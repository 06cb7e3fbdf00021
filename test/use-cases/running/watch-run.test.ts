import type { AlertMessage } from '../../../src/core/alerts/message';
import { asText } from '../../../src/core/alerts/message';
import type { Enrolment } from '../../../src/core/image/enrolment';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { LookUp, NamedImage } from '../../../src/core/running/sighting';
import { watchRun, type WatchContext } from '../../../use-cases/running/watch-run';
import {
  callEvent,
  DIGEST,
  eventsInMatrix,
  REGISTRY,
  ROLE,
  taskEvent,
  ways,
} from '../../core/running/events';
import { World } from '../world';

let world: World;
let sent: Map<string, AlertMessage>;
let lookedUp: LookUp[];
let standing: readonly NamedImage[] | undefined;
let allowed: string[];
let enrolment: Enrolment;
let answers: Partial<WatchContext>;

beforeEach(() => {
  world = new World();
  world.signs = true;
  [sent, lookedUp, standing, allowed, answers] = [new Map(), [], [], [], {}];
  enrolment = [{ by: 'all' }];
});

const [account, region] = ['000000000000', 'us-east-1'];

function watch(event: unknown) {
  return watchRun(event, {
    register: world.register,
    keys: { all: async () => [world.signer.current] },
    policies: { policy: async () => world.policy },
    now: world.now,
    known: { judged: { home: { account, region }, enrolment }, allowed },
    lookUp: async what => {
      lookedUp.push(what);
      return standing;
    },
    resolve: async ({ repository }, tag) =>
      world.registry.pushed.find(({ image, tags }) => image.repository === repository && tags.includes(tag))
        ?.digest,
    alert: async (key, message) => {
      if (!sent.has(key)) sent.set(key, message);
    },
    ...answers,
  });
}

function reference(image: ImageName): string {
  const { repository, digest } = imageOf(image);
  return `${REGISTRY}/${repository}@${digest}`;
}

async function judged(name: string): Promise<ImageName> {
  const image = world.has(name);
  world.push(image, 'v1');
  await world.settle();
  return image;
}

async function revoked(): Promise<ImageName> {
  const image = await judged('clean');
  world.finds(image, 'fixable-critical');
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
  return image;
}

/** The texts of the alerts that were sent. */
const texts = () => [...sent.values()].map(asText);

/** An event by every way, and where its images stand if not in the event. */
async function byWay(way: string, image: string) {
  standing = [{ reference: image }];
  return watch(ways(image)[way]);
}

describe.each(Object.keys(ways('')))('by %s', way => {
  test('a trusted image is no alert', async () => {
    const image = await judged('clean');
    await byWay(way, reference(image));
    expect(texts()).toEqual([]);
  });

  test('a revoked image is an alert with who, what, where, why and what to do', async () => {
    const image = await revoked();
    expect(await byWay(way, reference(image))).toMatchObject({ untrusted: 1 });
    const [text] = texts();
    expect(text).toContain(`${image} is refused: it was trusted, and a later verdict refused it`);
    expect(text).toContain(`who: ${ROLE}`);
    expect(text).toContain(`where: ${account}.${region}`);
    expect(text).toContain(`how: ${way}, at `);
    expect(text).toContain('CVE-');
    expect(text).toContain('- fix the named violations, push, and deploy the new digest');
  });

  test('an image from elsewhere is an alert, unless its digest is allowed', async () => {
    await byWay(way, `docker.io/library/nginx@${DIGEST}`);
    expect(texts()).toEqual([expect.stringMatching(/it is in docker.io.*allowedImages/s)]);
    sent.clear();
    allowed = [DIGEST];
    await byWay(way, `docker.io/library/nginx@${DIGEST}`);
    expect(texts()).toEqual([]);
  });

  test.each([
    ['a look-alike host', `${REGISTRY}.evil.io/team/clean@${DIGEST}`],
    ['another account', `${REGISTRY.replace('000000000000', '111111111111')}/team/clean@${DIGEST}`],
    ['another region', `${REGISTRY.replace('us-east-1', 'eu-west-1')}/team/clean@${DIGEST}`],
    ['what is no reference', 'UPPER CASE@!'],
    ['an image that nobody knows', `${REGISTRY}/team/clean@${DIGEST}`],
  ])('%s is an alert', async (_, image) => {
    await byWay(way, image);
    expect(texts()).toHaveLength(1);
  });
});

describe.each(Object.keys(eventsInMatrix('')))('RunWatcher alarms: %s', way => {
  const each = (image: string) => {
    standing = [{ reference: image }];
    return eventsInMatrix(image)[way]!;
  };

  test('every event about a revoked image is an alert, and none about a trusted one', async () => {
    const good = reference(await judged('clean'));
    for (const event of each(good)) await watch(event);
    expect(texts()).toEqual([]);
    world = new World();
    world.signs = true;
    const bad = await revoked();
    for (const event of each(reference(bad))) {
      sent.clear();
      await watch(event);
      expect(texts()).toEqual([expect.stringContaining(`${bad} is refused`)]);
    }
  });
});

test('the alert about a scheduled task names the schedule or its role', async () => {
  const image = reference(await revoked());
  standing = [{ reference: image }];
  for (const event of eventsInMatrix(image)['a scheduled task, by a stack']!.slice(1)) await watch(event);
  expect(texts()).toEqual([
    expect.stringContaining('started by events-rule/night'),
    expect.stringMatching(/who: .+role\/scheduled-tasks\/night by scheduler\.amazonaws\.com/),
  ]);
});

test('an image without a verdict, and one that expired, run without trust', async () => {
  const image = world.has('clean');
  await watch(taskEvent([{ image: reference(image) }]));
  expect(texts()[0]).toMatch(/it has not been judged yet/);
  world.push(image, 'v1');
  await world.settle();
  world.pass(24 * 30);
  sent.clear();
  await watch(taskEvent([{ image: reference(image) }]));
  expect(texts()[0]).toMatch(/its trust has expired/);
});

test('what ECS pulled counts, and not what the tag says by now', async () => {
  const [bad, good] = [await judged('fixable-critical'), await judged('clean')];
  const { repository } = imageOf(good);
  // the tag names the trusted image again, after the task pulled another one
  await watch(taskEvent([{ image: `${REGISTRY}/${repository}:v1`, imageDigest: imageOf(bad).digest }]));
  expect(texts()).toHaveLength(1);
  sent.clear();
  await watch(taskEvent([{ image: `${REGISTRY}/${repository}:v1`, imageDigest: imageOf(good).digest }]));
  expect(texts()).toEqual([]);
});

test('a digest is allowed, but no tag and no name: what was pulled decides', async () => {
  allowed = [DIGEST];
  await watch(taskEvent([{ image: `docker.io/x/y@${DIGEST}`, imageDigest: `sha256:${'b'.repeat(64)}` }]));
  expect(texts()).toHaveLength(1);
});

test('what the trust judges, it judges: an allowed digest does not let a refused image run', async () => {
  const image = await revoked();
  allowed = [imageOf(image).digest];
  await watch(taskEvent([{ image: reference(image) }]));
  expect(texts()).toHaveLength(1);
});

test('a repository of another account that is enrolled is judged too', async () => {
  const other = '444455556666';
  enrolment = [{ by: 'name', name: 'shop/web', account: other }];
  allowed = [DIGEST];
  await byWay('ecs:RunTask', `${other}.dkr.ecr.us-east-1.amazonaws.com/shop/web@${DIGEST}`);
  expect(texts()).toEqual([expect.stringContaining('it has not been judged yet')]);
});

test('an image of AWS CodeBuild itself is allowed in a project, and nowhere else', async () => {
  const managed = 'aws/codebuild/amazonlinux2-x86_64-standard:5.0';
  await byWay('codebuild:CreateProject', managed);
  expect(texts()).toEqual([]);
  await byWay('apprunner:CreateService', managed);
  expect(texts()).toHaveLength(1);
});

test('a tag is resolved; one that names nothing runs nothing in ECS yet, and is an alert elsewhere', async () => {
  const image = await judged('fixable-critical');
  const tagged = (tag: string) => `${REGISTRY}/${imageOf(image).repository}:${tag}`;
  await byWay('ecs:RegisterTaskDefinition', tagged('v1'));
  expect(texts()).toEqual([expect.stringMatching(/it does not pass policy/)]);
  sent.clear();
  await byWay('ecs:RegisterTaskDefinition', tagged('v2'));
  expect(texts()).toEqual([]);
  await byWay('apprunner:CreateService', tagged('v2'));
  expect(texts()).toEqual([expect.stringMatching(/the tag names no image now/)]);
});

test.each([
  ['apprunner:CreateService', 1],
  ['apprunner:UpdateService', 1],
  ['codebuild:CreateProject', 1],
  ['codebuild:UpdateProject', 1],
  ['codebuild:StartBuild', 0], // one build, now
  ['ecs:RegisterTaskDefinition', 0], // a task has an event with its digest
])('a tag of a trusted image is an alert where it is pulled again: %s', async (way, alerts) => {
  const image = await judged('clean');
  await byWay(way, `${REGISTRY}/${imageOf(image).repository}:v1`);
  expect(texts()).toHaveLength(alerts);
  for (const text of texts()) expect(text).toMatch(/it has no digest.*today it names one that is trusted/);
});

test('a service that starts tasks all day is one alert a day; another image of it is another alert', async () => {
  const image = await revoked();
  const event = taskEvent([{ image: reference(image) }]);
  await watch(event);
  await watch(event);
  expect(sent.size).toBe(1);
  await watch(taskEvent([{ image: reference(image) }, { image: 'docker.io/x/y:1' }]));
  expect(sent.size).toBe(2);
  world.pass(24);
  await watch(event);
  expect(sent.size).toBe(3);
});

test('rule 5.12, watchers: what cannot be read is an alert, once a day, and never silence', async () => {
  const event = callEvent('ecs', 'RunTask', null);
  expect(await watch(event)).toMatchObject({ unread: true });
  await watch(event);
  expect(texts()).toEqual([expect.stringMatching(/^could not be read: ecs:RunTask\n/)]);
  expect(texts()[0]).toContain(`who: ${ROLE} from 203.0.113.7`);
});

describe('a lookup that fails', () => {
  const throttled = async () => {
    throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  };
  const at = (minutesAgo: number) => new Date(world.now.getTime() - minutesAgo * 60_000).toISOString();

  test('in the register is tried again, and is an alert after ten minutes', async () => {
    const image = await judged('clean');
    answers = { register: { load: throttled } };
    const containers = [{ image: reference(image) }];
    expect(await watch(taskEvent(containers, {}, at(1)))).toMatchObject({ deferSeconds: 60 });
    expect(texts()).toEqual([]);
    expect(await watch(taskEvent(containers, {}, at(11)))).toMatchObject({ untrusted: 1 });
    expect(texts()[0]).toMatch(/could not be looked up .ThrottlingException: Rate exceeded/);
  });

  test('of a tag too', async () => {
    answers = { resolve: throttled };
    const containers = [{ image: `${REGISTRY}/team/clean:v1` }];
    expect(await watch(taskEvent(containers, {}, at(1)))).toMatchObject({ deferSeconds: 60 });
    expect(await watch(taskEvent(containers, {}, at(11)))).toMatchObject({ untrusted: 1 });
  });

  test('of a definition is an exception: the queue tries again, and its dead letters have an alarm', async () => {
    answers = { lookUp: throttled };
    await expect(byWay('ecs:RunTask', 'docker.io/x/y:1')).rejects.toThrow('Rate exceeded');
  });
});

describe('what was deleted before it was looked up', () => {
  beforeEach(() => {
    answers = { lookUp: async () => undefined };
  });

  test.each([
    ['lambda:CreateFunction', 'function resize'],
    ['batch:SubmitJob', 'job tonight'],
  ])('is an alert by %s: it may have run until then', async (way, what) => {
    const why = `${what} was deleted before its image could be read`;
    expect(await byWay(way, '')).toEqual({ done: `${way} could not be read: ${why}`, unread: true });
    expect(texts()).toEqual([expect.stringContaining(`why: ${why}`)]);
    expect(texts()[0]).toContain(`who: ${ROLE}`);
  });

  test('is none where it is seen again', async () => {
    expect(await byWay('ecs:RunTask', '')).toEqual({
      done: 'ecs:RunTask: task of job in the cluster prod: it is not there any more',
    });
    expect(texts()).toEqual([]);
  });

  test('keeps back no image that the event names', async () => {
    const image = 'docker.io/x/y:1';
    const containers = [{ image }, { imageDigest: DIGEST }];
    expect(await watch(taskEvent(containers))).toMatchObject({ untrusted: 1 });
    expect(texts()).toEqual([
      expect.stringContaining('was deleted before its image could be read'),
      expect.stringContaining(image),
    ]);
  });
});
