import * as fc from 'fast-check';
import { LENIENT, STANDARD, World } from './world';
import type { ImageName } from '../../src/core/image/image';

const RUNS = { numRuns: 40 };

/** Hours in which nobody pushes, but reconcile runs. */
async function hoursPass(world: World, hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    world.pass(1);
    await world.reconcile();
  }
}

/** What must be true however the messages came, once everything has come to rest. */
function expectAtRest(world: World): void {
  expect(world.lost).toEqual([]);
  expect(world.slotsTaken).toBe(0);
  for (const row of world.register.rows.values()) {
    expect(row).not.toHaveProperty('lease');
    expect(row).not.toHaveProperty('outbox');
  }
}

/** What comes first is handled first. */
function firstAlways(): fc.Stream<number> {
  return fc.stream(
    (function* zeros() {
      for (;;) yield 0;
    })(),
  );
}

/** Verdicts in the evidence that the register ever pointed at. */
function newsOf(world: World, image: ImageName): string[] {
  return world.verdicts(image).filter(each => each.endsWith('changed'));
}

test('rule 4.1, messages are hints: the same push ten times, in any order, with any of them lost and found by reconcile, is one scan and one verdict', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          lost: fc.boolean(),
          delay: fc.nat(1200),
          tag: fc.constantFrom('v1', 'latest', undefined),
        }),
        { minLength: 10, maxLength: 10 },
      ),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1000)),
      async (pushes, losesBuildEvents, order) => {
        const world = new World();
        world.losesBuildEvents = losesBuildEvents;
        world.pick = count => order.next().value! % count;
        const image = world.has('fixable-critical');
        const pushedAt = world.now;
        for (const { lost, delay, tag } of pushes) {
          if (!lost) world.requests.put(event(image, pushedAt, tag), delay % 900);
        }

        await world.settle();
        await hoursPass(world, 2);

        expect(world.outcome(image)).toBe('FAIL');
        expect(world.buildsOf(image)).toBe(1);
        expect(world.verdicts(image)).toEqual(['FAIL changed']);
        expect(world.evidence.keys('verdicts/')).toHaveLength(1);
        expectAtRest(world);
      },
    ),
    {
      ...RUNS,
      // all of them lost, and none
      examples: [true, false].flatMap(lost =>
        [true, false].map(
          (losesBuildEvents): [{ lost: boolean; delay: number; tag: 'v1' }[], boolean, fc.Stream<number>] => [
            Array.from({ length: 10 }, (_, at) => ({ lost, delay: at, tag: 'v1' })),
            losesBuildEvents,
            firstAlways(),
          ],
        ),
      ),
    },
  );
});

test('rules 4.2, 4.6: pushes that are handled at once, call by call in any order, are one scan and one verdict', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 5 }), async (scheduler, copies) => {
      const world = new World();
      const image = world.has('clean');
      for (let copy = 0; copy < copies; copy++) world.push(image, `v${copy}`);

      await settleTogether(world, scheduler);

      expect(world.outcome(image)).toBe('PASS');
      expect(world.buildsOf(image)).toBe(1);
      expect(world.verdicts(image)).toEqual(['PASS changed']);
      expect([...world.row(image).tags!].sort()).toEqual(
        Array.from({ length: copies }, (_, copy) => `v${copy}`),
      );
      expectAtRest(world);
    }),
    RUNS,
  );
});

test('rule 4.8, indexes: an index and its children that are handled at once, call by call in any order: the worst child decides', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), fc.boolean(), async (scheduler, childrenToo, renews) => {
      const world = new World();
      const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
      const [first, second] = world.registry.pushed.map(
        ({ image }) => `000000000000.us-east-1/${image.repository}@${image.digest}`,
      ) as [string, string];
      if (renews) world.finds(second, 'clean');
      if (childrenToo) for (const child of [first, second]) world.push(child);
      world.push(index, 'v1');
      await settleTogether(world, scheduler);
      expect(world.outcome(index)).toBe(renews ? 'PASS' : 'FAIL');

      if (renews) world.finds(second, 'fixable-critical');
      world.pass(25);
      for (const child of [first, second]) world.ask(child, 'renewal');
      await settleTogether(world, scheduler);

      expect(world.outcome(index)).toBe('FAIL');
      expect(newsOf(world, index)).toEqual(renews ? ['PASS changed', 'FAIL changed'] : ['FAIL changed']);
      expectAtRest(world);
    }),
    RUNS,
  );
});

test('rules 4.2, 4.9: a policy that changes while a scan runs and ends: the newest report meets the newest policy', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.boolean(), fc.nat(120), async (scheduler, tightens, seconds) => {
      const world = new World();
      world.publish(tightens ? LENIENT : STANDARD);
      const image = world.has('clean');
      world.push(image, 'v1');
      await world.settle();
      world.finds(image, 'fixable-critical');
      world.pass(25);
      world.ask(image, 'renewal');
      await world.settle({ minutes: seconds / 60 });

      world.publish(tightens ? STANDARD : LENIENT);
      world.results.put({ version: 1, image });
      await settleTogether(world, scheduler);
      await hoursPass(world, 1); // whoever read the policy just before it changed is found by reconcile

      expect(world.row(image).verdict).toMatchObject({
        outcome: tightens ? 'FAIL' : 'PASS',
        scanSeq: 2,
        policyRevision: 3,
      });
      expect(world.row(image).verdict?.counts.CRITICAL).toBe(1);
      expectAtRest(world);
    }),
    RUNS,
  );
});

/** Four crashes at most: the fifth over one message makes it poison, as it should. */
test('rules 4.1 to 4.7: whatever is doubled, lost, delayed, reordered, busy or dies, every image gets its one right verdict', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1000)),
      fc.array(fc.constantFrom('push', 'double', 'busy', 'free', 'wait', 'policy'), { maxLength: 8 }),
      async (crashes, dies, losesBuildEvents, losesPush, random, happenings) => {
        const world = new World();
        Object.assign(world, { dies, losesBuildEvents });
        world.pick = count => random.next().value! % count;
        const images = {
          FAIL: world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']),
          PASS: world.has('clean'),
        };
        world.interruptions.crashAtCalls(...crashes);
        if (!losesPush) for (const image of Object.values(images)) world.push(image, 'v1');
        for (const happening of happenings) {
          if (happening === 'push') world.push(images.PASS, 'v2');
          if (happening === 'double') {
            for (const queue of [world.requests, world.results]) {
              for (const { body } of queue.messages.slice(0, 2)) queue.put(body, random.next().value! % 900);
            }
          }
          if (happening === 'busy') world.builds.busy = true;
          if (happening === 'free') world.builds.busy = false;
          if (happening === 'policy') world.publish({ ...STANDARD, name: `standard-${random.next().value}` });
          await world.settle({ minutes: 1 + (random.next().value! % 20) });
        }
        world.builds.busy = false;
        await world.settle();
        world.interruptions.crashAtCalls();
        await hoursPass(world, 3);

        for (const [outcome, image] of Object.entries(images)) {
          expect(world.outcome(image)).toBe(outcome);
          expect(new Set(newsOf(world, image))).toEqual(new Set([`${outcome} changed`]));
        }
        expectAtRest(world);
      },
    ),
    { numRuns: 80 },
  );
});

async function settleTogether(world: World, scheduler: fc.Scheduler): Promise<void> {
  world.interruptions.pause = () => scheduler.schedule(Promise.resolve());
  await world.settle({ step: () => scheduler.waitFor(world.deliverTogether()) });
  world.interruptions.pause = undefined;
}

function event(image: ImageName, at: Date, tag?: string): object {
  const [, account, region, repository, digest] = /^(\d+)\.([^/]+)\/(.+)@(.+)$/.exec(image)!;
  return {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    account,
    region,
    time: at.toISOString(),
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': repository,
      'image-digest': digest,
      'image-tag': tag ?? '',
    },
  };
}
