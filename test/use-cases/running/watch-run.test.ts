import type { AlertMessage } from '../../../src/core/alerts/message';
import { asText } from '../../../src/core/alerts/message';
import type { Enrolment } from '../../../src/core/image/enrolment';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import type { LookUp, NamedImage } from '../../../src/core/running/sighting';
import type { Grant } from '../../../src/core/trust/grant';
import { watchRun, type WatchContext } from '../../../use-cases/running/watch-run';
import {
  AT,
  callEvent,
  DIGEST,
  eventsInMatrix,
  REGISTRY,
  ROLE,
  taskEvent,
  ways,
} from '../../core/running/events';
import { CALLER, grant, STACK } from '../../core/support/grants';
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
    pause: () => new Promise(() => undefined),
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

  test('an external image is an alert, unless its digest is allowed', async () => {
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

  test('of a register that hangs ends after five seconds', async () => {
    const image = await judged('clean');
    answers = {
      register: { load: () => new Promise(() => undefined) },
      pause: async seconds => (seconds === 5 ? undefined : new Promise(() => undefined)),
    };
    const containers = [{ image: reference(image) }];
    expect(await watch(taskEvent(containers, {}, at(1)))).toMatchObject({ deferSeconds: 60 });
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

describe('a refused image where break-glass grants are active (rule 5.12, watchers)', () => {
  const SERVICE = 'arn:aws:ecs:us-east-1:000000000000:service/prod/web';
  let rows: Grant[];
  let read: string[];
  let image: ImageName;
  let seen: Date;

  beforeEach(async () => {
    [rows, read] = [[], []];
    image = await judged('fixable-critical');
    seen = new Date(AT); // when events happen
    answers = {
      breakGlass: {
        grants: async key => {
          read.push(key);
          return rows.filter(({ pk }) => pk === key);
        },
      },
    };
  });

  const lives = (changes: Partial<Grant>) => {
    const after = (minutes: number) => new Date(seen.getTime() + minutes * 60_000).toISOString();
    rows.push(grant({ image, grantedAt: after(-10), expiresAt: after(50), ...changes }));
  };
  const task = () => watch(taskEvent([{ image: reference(image) }]));
  const minutesFrom = (minutes: number) => new Date(seen.getTime() + minutes * 60_000).toISOString();

  test.each<[string, () => Partial<Grant>]>([
    ['its account', () => ({ scope: account })],
    ['every image of its account', () => ({ scope: account, image: '*' })],
    ['its service', () => ({ scope: SERVICE })],
    ['every image of its service', () => ({ scope: SERVICE, image: '*' })],
  ])('for %s: it is told that a grant lets it run, and there is no alarm', async (_, changes) => {
    lives(changes());
    expect(await task()).toEqual({
      done: 'ECS Task State Change: service web in the cluster prod: runs by a break-glass grant',
    });
    expect(texts()).toEqual([
      expect.stringMatching(/^runs by a break-glass grant: service web in the cluster prod\n/),
    ]);
    for (const part of [image, 'it does not pass policy', rows[0]!.grantId, CALLER, 'INC-7']) {
      expect(texts()[0]).toContain(part);
    }
    await task();
    expect(texts()).toHaveLength(1);
    expect(read).toEqual(expect.arrayContaining([`${account}|${image}`, `${account}|*`]));
  });

  test.each<[string, () => Partial<Grant>, string]>([
    ['a stack', () => ({}), STACK],
    ['every image of a stack', () => ({ image: '*' }), STACK],
    [
      'the function of a PipelineGate',
      () => ({ scope: 'arn:aws:lambda:us-east-1:000000000000:function:Gate' }),
      'arn:aws:lambda:us-east-1:000000000000:function:Gate',
    ],
    ['another service', () => ({ scope: `${SERVICE}-two` }), `${SERVICE}-two`],
  ])('for %s: it is an alarm, and the grant is named', async (_, changes, scope) => {
    lives(changes());
    expect(await task()).toMatchObject({ untrusted: 1 });
    expect(texts()).toEqual([expect.stringMatching(/^runs without trust: service web/)]);
    expect(texts()[0]).toContain(`it does not pass policy`);
    expect(texts()[0]).toContain(`; break-glass lets it run by ${scope} until ${minutesFrom(50)} (grant `);
    expect(texts()[0]).toContain('if one of these runs it here, it may');
  });

  test.each<[string, () => Partial<Grant>]>([
    ['another image', () => ({ image: `000000000000.us-east-1/team/other@${DIGEST}` })],
    ['another account', () => ({ scope: '111111111111', image: '*' })],
    ['later', () => ({ scope: account, grantedAt: minutesFrom(2) })],
    ['earlier', () => ({ scope: account, grantedAt: minutesFrom(-60), expiresAt: minutesFrom(-1) })],
    ['earlier, until somebody ended it', () => ({ scope: account, endedAt: minutesFrom(-1) })],
  ])('for %s: it is an alarm, and no grant is named', async (_, changes) => {
    lives(changes());
    expect(await task()).toMatchObject({ untrusted: 1 });
    expect(texts()[0]).not.toContain('break-glass');
  });

  test('the time of the run counts, and not of the look: a grant that has ended by now covers what ran before', async () => {
    lives({ scope: account, endedAt: minutesFrom(1) });
    world.pass(24);
    expect(await task()).not.toHaveProperty('untrusted');
  });

  test('an event that names no ARN is covered by a grant for the account', async () => {
    lives({ scope: account });
    expect(await byWay('codebuild:StartBuild', reference(image))).toEqual({
      done: expect.stringContaining('runs by a break-glass grant'),
    });
  });

  test('beside one that no grant covers: both are told, and one is an alarm', async () => {
    lives({ scope: SERVICE });
    const event = taskEvent([{ image: reference(image) }, { image: 'docker.io/x/y:1' }]);
    expect(await watch(event)).toMatchObject({ untrusted: 1 });
    expect(texts()).toEqual([
      expect.stringMatching(/^runs by a break-glass grant/),
      expect.stringMatching(/^runs without trust: .*ELSEWHERE/),
    ]);
  });

  test.each<[string, () => Partial<Grant>, object, RegExp]>([
    [
      'for it is an alarm',
      () => ({}),
      { untrusted: 1 },
      /a break-glass grant lets run, and it is pulled again/,
    ],
    ['for every image is none', () => ({ image: '*' }), {}, /^runs by a break-glass grant/],
  ])('by a tag that is pulled again, a grant %s', async (_, changes, result, text) => {
    lives({ scope: account, ...changes() });
    const tagged = `${REGISTRY}/${imageOf(image).repository}:v1`;
    const watched = await byWay('apprunner:CreateService', tagged);
    expect(watched).toMatchObject(result);
    expect('untrusted' in watched).toBe('untrusted' in result);
    expect(texts()).toEqual([expect.stringMatching(text)]);
  });

  test('that cannot be read: it is an alarm that says so', async () => {
    answers = { breakGlass: { grants: async () => Promise.reject(new Error('AccessDenied')) } };
    expect(await task()).toMatchObject({ untrusted: 1 });
    expect(texts()[0]).toContain('break-glass grants could not be read (Error: AccessDenied)');
  });

  test('a trusted image asks for no grants', async () => {
    const good = await judged('clean');
    await watch(taskEvent([{ image: reference(good) }]));
    expect([read, texts()]).toEqual([[], []]);
  });
});
