import { gateAnswer, type GateAnswer } from '../../../src/core/gates/gate-answer';
import type { ImageName } from '../../../src/core/image/image';
import { ok } from '../../../src/core/result';
import { decideForService } from '../../../use-cases/gates/decide-for-service';
import { STACK_ID } from '../../core/support/grants';
import { STANDARD, World } from '../world';
import { ServiceGate, trusted, uriOf } from '../world/service-gate';

const AUDIT = {
  ...STANDARD,
  name: 'audit',
  audit: true,
  rules: STANDARD.rules.map(rule => ({ ...rule, action: 'warn' })),
};

let world: World;
let gate: ServiceGate;

beforeEach(() => {
  world = new World();
  world.signs = true;
  gate = new ServiceGate(world);
});

async function rollBackTo(image: ImageName, isLastLook = true): Promise<GateAnswer> {
  const decided = await decideForService(
    {
      subject: 'the stack',
      scope: STACK_ID,
      isLastLook,
      showsReason: true,
      images: async () => ok([{ of: 'image 1', reference: uriOf(image) }]),
      isRollback: async () => true,
    },
    gate.context(),
  );
  return gateAnswer(decided, 'evidence');
}

async function scanned(finds: Parameters<World['has']>[0]): Promise<ImageName> {
  const image = world.has(finds, [], 'team/app');
  world.push(image, 'v1');
  await world.settle();
  return image;
}

async function audited(): Promise<ImageName> {
  world.publish(AUDIT);
  const image = await scanned('fixable-critical');
  expect(world.decision(image).trusted).toBe(true);
  return image;
}

async function judgedAgain(image: ImageName, finds: Parameters<World['finds']>[1]): Promise<void> {
  world.finds(image, finds);
  world.builds.databaseUpdatedAt = world.now.toISOString(); // by the same one, luck overturns no FAIL
  world.ask(image, 'request');
  await world.settle();
}

describe('rule 5.7, fail closed: what was never trusted does not come back with a rollback (0040)', () => {
  test('what only an audit let through: not while nobody judged it again, and not as revoked', async () => {
    const image = await audited();
    world.publish(STANDARD);
    expect(await rollBackTo(image)).toMatchObject({ step: 'refuse' });
    await world.reconcile();
    expect(world.decision(image)).toMatchObject({ reason: 'REVOKED' });
    expect(await rollBackTo(image)).toEqual({
      step: 'refuse',
      says: expect.stringMatching(/a later verdict refused it \(.*; only an audit had let it through\)/),
    });
  });

  test('what only an audit let through, and what was never signed: not as expired', async () => {
    const image = await audited();
    world.publish(STANDARD);
    world.pass(73);
    expect(world.decision(image)).toMatchObject({ reason: 'EXPIRED' });
    expect(await rollBackTo(image)).toMatchObject({ step: 'refuse' });

    world.signs = false;
    const unsigned = await trusted(world, 'team/unsigned');
    world.pass(73);
    expect(world.decision(unsigned)).toMatchObject({ reason: 'EXPIRED' });
    expect(await rollBackTo(unsigned)).toMatchObject({ step: 'refuse' });
  });

  test('a row of another image', async () => {
    const image = await trusted(world);
    const { pk: _pk, ...row } = world.row(image);
    gate.load = async () => ({ ...row, pk: image.replace('team/', 'other/') as ImageName });
    expect(await rollBackTo(image)).toMatchObject({ step: 'refuse' });
  });
});

describe('what was trusted once comes back with a rollback (0040)', () => {
  const BACK = { step: 'admit', anyway: 'ROLLBACK' };

  test('also when it passes again and the signer is behind, at the first look', async () => {
    const image = await scanned('clean');
    await judgedAgain(image, 'fixable-critical');
    expect(await rollBackTo(image)).toMatchObject(BACK);
    world.signs = false;
    await judgedAgain(image, 'clean');
    expect(world.decision(image)).toMatchObject({ reason: 'NO_STATEMENT' });
    expect(await rollBackTo(image, false)).toMatchObject(BACK);
  });

  test('also when an audit let it through in between', async () => {
    const image = await scanned('clean');
    world.publish(AUDIT);
    world.pass(1);
    await world.reconcile();
    expect(world.row(image).verdict).toMatchObject({ audit: true });
    world.publish(STANDARD);
    expect(world.row(image).verdict).toMatchObject({ audit: true });
    expect(await rollBackTo(image)).toMatchObject(BACK);
    await judgedAgain(image, 'fixable-critical');
    expect(await rollBackTo(image)).toMatchObject(BACK);
  });
});
