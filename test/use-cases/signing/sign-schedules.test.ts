import * as fc from 'fast-check';
import { judgedAgain, told } from './signing-stories';
import type { ImageName } from '../../../src/core/image/image';
import { LENIENT, STANDARD, World } from '../world';
import { watchAdmitted } from '../world/admitted';

jest.mock('../../../adapters/aws/telemetry', () => ({ logger: { warn: jest.fn() } }));

const RUNS = { numRuns: 60 };

/** Everything that is visible is handled at once, call by call in any order. */
async function settleTogether(world: World, scheduler: fc.Scheduler): Promise<void> {
  world.interruptions.pause = () => scheduler.schedule(Promise.resolve());
  await world.settle({ step: () => scheduler.waitFor(world.deliverTogether()) });
  world.interruptions.pause = undefined;
}

/** An image that passes as long as the policy is lenient. */
async function judged(world: World): Promise<ImageName> {
  world.publish(LENIENT);
  const image = world.has('fixable-critical');
  world.push(image, 'v1');
  await world.settle();
  return image;
}

function askToSign(world: World, image: ImageName, copies: number): void {
  for (let copy = 0; copy < copies; copy++) {
    world.signing.put({ version: 1, image, verdictId: world.row(image).verdict!.verdictId });
  }
}

test('rule 4.11, sign only what the register says: an evaluator that refuses and copies of a signer that sign at the same time: refused in the end, and whatever reached the registry is revoked', async () => {
  const copiesOf = fc.integer({ min: 1, max: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      copiesOf,
      fc.boolean(),
      fc.boolean(),
      async (scheduler, copies, wasTrusted, immutable) => {
        const world = new World();
        world.signatures.immutable = immutable;
        world.signs = wasTrusted;
        const image = await judged(world);
        if (wasTrusted) await renewedUnsigned(world, image);
        world.signs = true;
        const admittedUnsigned = watchAdmitted(world);
        askToSign(world, image, copies);
        world.publish(STANDARD);
        world.results.put({ version: 1, image });

        await settleTogether(world, scheduler);

        expect(world.row(image)).toMatchObject({ verdict: { outcome: 'FAIL' } });
        expect(world.row(image)).not.toHaveProperty('statement');
        const { layers, bundles } = world.signatures.by(world.signer.current, image, world.now);
        if (wasTrusted || layers + bundles > 0) {
          expect(told(world, image)).toContain(`Image Revoked ${world.row(image).verdict!.verdictId}`);
        }
        expect(admittedUnsigned()).toEqual([]);
        expect(world.lost).toEqual([]);
      },
    ),
    RUNS,
  );
});

async function renewedUnsigned(world: World, image: ImageName): Promise<void> {
  world.signs = false;
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
}

test('rule 4.11, sign only what the register says: copies of a signer, another verdict that passes, tags and another key, all at the same time: one statement of the newest verdict, one signature a key', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      async (scheduler, copies, rotates) => {
        const world = new World();
        world.signs = true;
        const image = await judged(world);
        const former = rotates ? world.signer.rotate() : world.signer.current;
        const admittedUnsigned = watchAdmitted(world, [former, world.signer.current]);
        await judgedAgain(world, image, { ...LENIENT, name: 'lenient again' }, 'PASS');
        askToSign(world, image, copies);
        world.publish({ ...LENIENT, name: 'and again' });
        world.results.put({ version: 1, image });
        world.push(image, 'v2');

        await settleTogether(world, scheduler);

        const { verdict, statement, tags } = world.row(image);
        expect(statement!.verdictId).toBe(verdict!.verdictId);
        expect(world.decision(image).trusted).toBe(true);
        expect(tags).toContain('v2');
        expect(world.signatures.by(former, image, world.now).layers).toBe(1);
        expect(world.signatures.by(world.signer.current, image, world.now).layers).toBe(1);
        expect(admittedUnsigned()).toEqual([]);
        expect(world.lost).toEqual([]);
      },
    ),
    RUNS,
  );
});

/** Four crashes at most: the fifth over one message makes it poison, as it should. */
test('rules 4.1 to 4.9 and 4.11: whatever is doubled, delayed, reordered or dies: what passes is trusted in the end, what fails is not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 4 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1000)),
      fc.array(fc.constantFrom('double', 'wait', 'fail', 'pass', 'renew', 'rotate'), { maxLength: 8 }),
      async (crashes, dies, random, happenings) => {
        const world = new World();
        Object.assign(world, { dies, signs: true });
        world.pick = count => random.next().value! % count;
        const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
        const image = world.has('clean');
        const keys = [world.signer.current];
        const admittedUnsigned = watchAdmitted(world, keys);
        world.interruptions.crashAtCalls(...crashes);
        for (const each of [index, image]) world.push(each, 'v1');
        for (const happening of happenings) {
          if (happening === 'double') {
            for (const queue of [world.signing, world.results]) {
              for (const { body } of queue.messages.slice(0, 2)) queue.put(body, random.next().value! % 900);
            }
          }
          if (happening === 'fail' || happening === 'pass') {
            world.finds(image, happening === 'fail' ? 'fixable-critical' : 'clean');
          }
          if (happening === 'renew') {
            world.pass(1);
            world.ask(image, 'request');
          }
          if (happening === 'rotate') {
            world.signer.rotate();
            keys.push(world.signer.current);
          }
          await world.settle({ minutes: 1 + (random.next().value! % 20) });
        }
        world.interruptions.crashAtCalls();
        await world.settle();
        for (let hour = 0; hour < 3; hour++) {
          world.pass(1);
          await world.reconcile();
        }

        expect(world.decision(image, ...keys).trusted).toBe(world.outcome(image) === 'PASS');
        expect(world.row(image).statement?.verdictId).toBe(
          world.outcome(image) === 'PASS' ? world.row(image).verdict!.verdictId : undefined,
        );
        expect(world.decision(index, ...keys)).toMatchObject({ trusted: false, reason: 'FAILED' });
        expect(world.signatures.by(keys[0]!, index, world.now)).toEqual({ layers: 0, bundles: 0 });
        // a signature that could not be read when its writer came again is made once more
        for (const key of keys) {
          expect(world.signatures.by(key, image, world.now).layers).toBeLessThanOrEqual(1 + crashes.length);
        }
        expect(admittedUnsigned()).toEqual([]);
        expect(world.lost).toEqual([]);
      },
    ),
    { numRuns: 80 },
  );
});
