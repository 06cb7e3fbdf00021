import { imageOf, type ImageName } from '../../../src/core/image/image';
import { existing } from '../../../src/core/register/existing';
import type { RepositoryMessage } from '../../../src/core/scanning/reconcile-message';
import {
  reconcileDue,
  reconcileRepository,
  type ReconcileContext,
} from '../../../use-cases/scanning/reconcile';
import { ACCOUNT, World } from '../world';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  image = world.has('clean');
});

async function hours(count: number, each: () => void = () => undefined): Promise<void> {
  const from = world.now.getTime();
  for (let hour = 1; hour <= count; hour++) {
    world.now = new Date(Math.max(world.now.getTime(), from + hour * 3_600_000));
    each();
    await world.reconcile();
  }
}

describe('pushes that were lost', () => {
  test('rule 4.1, messages are hints: are found, and scanned once', async () => {
    await hours(3);
    expect(world.outcome(image)).toBe('PASS');
    expect(world.buildsOf(image)).toBe(1);
  });

  test('are not looked for while their event may still be on its way', async () => {
    world.pass(0.1);
    await world.reconcile();
    expect(world.builds.builds).toHaveLength(0);
  });

  test('are signatures by their tag only if all of their tags are', async () => {
    const signature = `sha256-${'0'.repeat(64)}.sig`;
    world.registry.tag(imageOf(image), signature);
    await hours(1);
    expect(world.requests.messages).toEqual([]);
    expect(world.register.rows.size).toBe(0);

    world.registry.tag(imageOf(image), 'v1');
    await hours(1);
    expect(world.outcome(image)).toBe('PASS');
  });
});

test('rule 4.4, failed scans keep the verdict: a build that never reports back is a failed scan, and is not started every hour for ever', async () => {
  world.builds.seconds = 100 * 3600;
  world.push(image, 'v1');
  for (let hour = 0; hour < 48; hour++) {
    await world.settle({ minutes: 60 });
    await reconcileDue(world.reconcileContext());
  }
  expect(world.row(image).lastFailedScan).toMatchObject({
    cause: 'BUILD_FAULT',
    detail: expect.stringContaining('nothing was heard of its build'),
  });
  expect(world.buildsOf(image)).toBeLessThanOrEqual(6);
});

describe('rule 4.5, expiry and grace periods: renewal', () => {
  beforeEach(async () => {
    world.push(image, 'v1');
    await world.settle();
  });

  test('of a PASS is daily, in time, and no news', async () => {
    await hours(24 * 5, () =>
      expect(Date.parse(world.row(image).verdict!.validUntil)).toBeGreaterThan(world.now.getTime()),
    );
    expect(world.buildsOf(image)).toBe(5);
    expect(world.verdicts(image)).toEqual(['PASS changed', 'PASS', 'PASS', 'PASS', 'PASS']);
  });

  test('of a verdict that holds for half a day comes before its end', async () => {
    world.publish({ name: 'short', maxAgeHours: 12, rules: [{ rule: 'secrets', action: 'deny' }] });
    world.results.put({ version: 1, image });
    await world.settle();
    await hours(30, () =>
      expect(Date.parse(world.row(image).verdict!.validUntil)).toBeGreaterThan(world.now.getTime()),
    );
  });

  test('does not stop because policies change all the time', async () => {
    let revision = 0;
    await hours(24 * 4, () => {
      world.publish({
        name: `policy-${++revision}`,
        maxAgeHours: 72,
        rules: [{ rule: 'secrets', action: 'deny' }],
      });
      expect(Date.parse(world.row(image).verdict!.validUntil)).toBeGreaterThan(world.now.getTime());
    });
    expect(world.buildsOf(image)).toBe(4);
  });

  test.each([
    ['SCAN_TIMED_OUT', { exitCode: 124, errors: '' }, 60],
    ['REPORT_INVALID', undefined, 7],
  ])('that fails with %s is tried again, but is no storm', async (cause, run, atMost) => {
    if (run === undefined) world.builds.uploads = { 'run.json': '{}' };
    else world.finds(image, run);
    await hours(72);
    expect(world.row(image).lastFailedScan).toMatchObject({ cause });
    expect(world.buildsOf(image)).toBeLessThanOrEqual(atMost);
    expect(world.buildsOf(image)).toBeGreaterThan(2);

    world.builds.uploads = {};
    world.finds(image, 'clean');
    await hours(25);
    expect(world.row(image)).not.toHaveProperty('lastFailedScan');
    expect(world.outcome(image)).toBe('PASS');
  });

  test('of an image that was deleted is not tried again', async () => {
    world.has('root', [], 'team/clean'); // else its repository is gone as well
    world.registry.remove(imageOf(image));
    await hours(72);
    expect(world.failures(image)).toEqual(['IMAGE_GONE']);
    expect(world.row(image)).not.toHaveProperty('dueSk');
  });

  test('does not wait behind images that nobody scans any more: their repository is not enrolled now', async () => {
    const row = world.row(image);
    const old = Array.from(
      { length: 1000 },
      (_, number) => `000000000000.us-east-1/old/app@sha256:${number.toString(16).padStart(64, '0')}`,
    );
    world.register.rows.clear();
    for (const pk of [...old, image]) world.register.rows.set(pk, { ...row, pk });
    world.pass(25);
    await world.reconcile();
    expect(world.buildsOf(image)).toBe(2);
    expect(world.builds.builds).toHaveLength(2);
  });

  test('is not requested again and again while too many wait (rule 4.12, turns)', async () => {
    world.pass(25);
    waits(10_000);
    await reconcileDue(world.reconcileContext());
    expect(world.background.messages).toHaveLength(10_000);
    world.background.messages.pop();
    await reconcileDue(world.reconcileContext());
    expect(world.background.messages).toHaveLength(10_000);
    expect(world.background.messages.at(-1)?.body).toMatchObject({ image, reason: 'renewal' });
  });

  test('of a FAIL does not happen: only a person, a push of another digest or a policy lifts it', async () => {
    const other = world.has('fixable-critical');
    world.push(other, 'v1');
    await world.settle();
    await hours(48);
    expect(world.buildsOf(other)).toBe(1);
  });
});

describe('an image that is not renewed and was deleted', () => {
  const repository = { ...ACCOUNT, repository: 'team/clean' };
  const compare = () => reconcileRepository(repository, world.reconcileContext());
  const onRecord = () => existing([...world.register.rows.values()]).map(({ pk }) => pk);
  let other: ImageName;

  beforeEach(async () => {
    other = world.has('fixable-critical', [], repository.repository);
    world.push(image, 'v1');
    world.push(other, 'v2');
    await world.settle();
    world.pass(1);
  });

  test('is not counted any more, and leaves the record after one look', async () => {
    expect((await compare()).coverage).toMatchObject({ passed: 1, refused: 1 });
    expect(onRecord()).toEqual([image, other]);

    world.registry.remove(imageOf(other));
    const { done, coverage } = await compare();
    expect(done).toMatch(/, 1 deleted$/);
    expect(coverage).toMatchObject({ passed: 1, refused: 0, unjudged: 0, critical: 0 });
    await hours(5);
    expect(onRecord()).toEqual([image]);
    expect(world.failures(other)).toEqual(['IMAGE_GONE']);
    expect(world.buildsOf(other)).toBe(1);
    expect(world.outcome(other)).toBe('FAIL');
  });

  test('is not looked at while a thousand requests wait (rule 4.12, turns)', async () => {
    world.registry.remove(imageOf(other));
    waits(1000);
    expect((await compare()).done).toMatch(/, 0 deleted$/);
    expect(world.background.messages).toHaveLength(1000);
  });

  test('is scanned when ECR lists it again, also if no event said so', async () => {
    const deleted = world.registry.pushed.find(({ digest }) => digest === imageOf(other).digest)!;
    world.registry.remove(imageOf(other));
    await hours(1);
    world.registry.pushed.push(deleted);
    await hours(1);
    expect(onRecord()).toEqual([image, other]);
    expect(world.row(other)).not.toHaveProperty('lastFailedScan');
    expect(world.buildsOf(other)).toBe(2);
  });

  test('leaves the record with its index', async () => {
    const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64'], 'team/index');
    world.has('root', [], 'team/index'); // else its repository is gone as well
    world.push(index, 'v3');
    await world.settle();
    expect(onRecord()).toContain(index);
    for (const { digest } of world.row(index).children!) {
      world.registry.remove({ ...imageOf(index), digest });
    }
    await hours(30); // one of its images passed: its renewal finds out
    expect(onRecord()).not.toContain(index);
  });
});

test('rule 4.12, turns: while a thousand requests wait, no more old images are requested, and lost pushes are', async () => {
  const old = world.has('root');
  world.pass(25);
  const lost = world.has('fixable-critical');
  world.pass(1);
  waits(1000);
  await reconcileDue(world.reconcileContext());
  for (const { body } of world.repositories.messages) {
    await reconcileRepository(body as RepositoryMessage, world.reconcileContext());
  }
  expect(world.background.messages.slice(1000).map(({ body }) => body)).toEqual([
    expect.objectContaining({ image: lost, reason: 'reconcile' }),
  ]);

  world.background.messages = [];
  await world.reconcile();
  expect(world.outcome(old)).toBe('FAIL');
});

/** So many requests of others. */
function waits(count: number): void {
  for (let number = 0; number < count; number++) world.background.put({ number });
}

describe('repositories', () => {
  const asked: unknown[] = [];
  const context = (enrolment: ReconcileContext['enrolment']): ReconcileContext => ({
    register: world.register,
    images: world.registry,
    policies: { policy: async () => undefined, waivers: async () => undefined },
    requests: world.requestQueues,
    results: world.results,
    repositories: {
      sendAll: async messages => {
        asked.push(...messages);
      },
    },
    enrolment,
    home: ACCOUNT,
    now: world.now,
  });

  beforeEach(() => {
    asked.length = 0;
    world.has('root', [], 'other/root');
  });

  test.each([
    ['prefix', [{ by: 'prefix', prefix: 'team/' }], ['team/clean']],
    ['name', [{ by: 'name', name: 'other/root' }], ['other/root']],
    ['tag', [{ by: 'tag', key: 'scan', value: 'yes' }], ['team/clean', 'other/root']],
    ['no tag', [{ by: 'tag', key: 'scan', value: 'no' }], []],
    [
      'prefix and by request',
      [
        { by: 'prefix', prefix: 'team/' },
        { by: 'request', name: 'team/clean' },
      ],
      ['team/clean'],
    ],
  ] as const)(
    'are compared by a message each, if they are enrolled by %s',
    async (_by, enrolment, repositories) => {
      world.registry.tagsOfRepositories = { scan: 'yes' };
      expect(await reconcileDue(context([...enrolment]))).toEqual({
        due: 0,
        repositories: repositories.length,
      });
      expect(asked).toEqual(repositories.map(repository => ({ ...ACCOUNT, repository })));
    },
  );

  test('of other accounts are compared too, by the names that are enrolled', async () => {
    const account = '222222222222';
    const enrolment = [{ by: 'name' as const, name: 'team/app', account }];
    expect(await reconcileDue(context(enrolment))).toEqual({ due: 0, repositories: 1 });
    expect(asked).toEqual([{ ...ACCOUNT, account, repository: 'team/app' }]);
  });

  test('that cannot be listed are compared by their rows, and fail all the same: the team is notified', async () => {
    world.registry.images = () => {
      throw new Error('AccessDenied');
    };
    let rows = 0;
    const denied = {
      ...context([{ by: 'all' }]),
      register: {
        ...world.register,
        rowsOf: async function* () {
          rows++;
        },
      } as unknown as ReconcileContext['register'],
    };
    const comparing = reconcileRepository({ ...ACCOUNT, repository: 'team/clean' }, denied);
    await expect(comparing).rejects.toThrow('AccessDenied');
    expect(rows).toBe(1);
  });

  test('whose images are scanned on request only are compared by their rows', async () => {
    expect(await reconcileDue(context([{ by: 'request', name: 'other/root' }]))).toEqual({
      due: 0,
      repositories: 1,
    });
    expect(asked).toEqual([{ ...ACCOUNT, repository: 'other/root', rowsOnly: true }]);
  });

  test('of which only the rows are compared are not listed: nobody asked for what else lies in them', async () => {
    world.pass(1);
    world.registry.images = () => {
      throw new Error('not to be called');
    };
    const { done } = await reconcileRepository(
      { ...ACCOUNT, repository: 'team/clean', rowsOnly: true },
      context([{ by: 'request', name: 'team/clean' }]),
    );
    expect(done).toBe(
      'team/clean: 0 images without a verdict, 0 judged by an older policy, 0 not signed, 0 deleted',
    );
    expect(world.requests.messages).toEqual([]);
  });

  test('are compared also where no policy is published yet', async () => {
    world.pass(1);
    expect(
      await reconcileRepository({ ...ACCOUNT, repository: 'team/clean' }, context([{ by: 'all' }])),
    ).toMatchObject({
      done: 'team/clean: 1 images without a verdict, 0 judged by an older policy, 0 not signed, 0 deleted',
    });
  });
});
