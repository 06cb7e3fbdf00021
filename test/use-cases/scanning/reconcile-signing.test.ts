import type { ImageName } from '../../../src/core/image/image';
import { reconcileRepository } from '../../../use-cases/scanning/reconcile';
import { ACCOUNT, LENIENT, World } from '../world';

let world: World;
let image: ImageName;

/** An image that passed, whose message to the signer was lost. */
beforeEach(async () => {
  world = new World();
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  world.signs = true;
});

async function compare(rowsOnly?: true): Promise<string> {
  const { done } = await reconcileRepository(
    { ...ACCOUNT, repository: 'team/clean', ...(rowsOnly && { rowsOnly }) },
    world.reconcileContext(),
  );
  return done;
}

function asked(): unknown[] {
  return world.signing.messages.map(({ body }) => body);
}

function request(): object {
  return { version: 1, image, verdictId: world.row(image).verdict!.verdictId };
}

test.each([[undefined], [true as const]])(
  'what passed and is not signed after ten minutes is asked of the signer (rows only: %s)',
  async rowsOnly => {
    world.pass(1);
    expect(await compare(rowsOnly)).toBe(
      'team/clean: 0 images without a verdict, 0 judged by an older policy, 1 not signed, 0 deleted',
    );
    expect(asked()).toEqual([request()]);
  },
);

test('rule 4.1, messages are hints: an event that the signer never got is found within the hour', async () => {
  world.pass(1);
  await world.reconcile();
  expect(world.decision(image).trusted).toBe(true);
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  await world.reconcile();
  expect(world.signatures.pushes).toHaveLength(2);
});

test('a verdict whose event may still be on its way is left to it', async () => {
  world.now = new Date(Date.parse(world.row(image).verdict!.evaluatedAt) + 10 * 60_000);
  await compare();
  expect(asked()).toEqual([]);
  world.now = new Date(world.now.getTime() + 1);
  await compare();
  expect(asked()).toEqual([request()]);
});

test('a renewal that is not signed is asked for, although the statement before it still holds', async () => {
  world.signing.put(request());
  await world.settle();
  world.signs = false;
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
  world.signs = true;
  world.pass(1);
  expect(world.decision(image).trusted).toBe(true);
  await compare();
  expect(asked()).toEqual([request()]);
});

test.each<[string, () => Promise<void> | void]>([
  [
    'is signed',
    async () => {
      world.signing.put(request());
      await world.settle();
    },
  ],
  ['has expired', () => world.pass(80)],
  [
    'does not pass any more',
    async () => {
      world.signs = false;
      world.finds(image, 'fixable-critical');
      world.ask(image, 'renewal');
      world.pass(25);
      await world.settle();
      world.signs = true;
    },
  ],
])('nothing is asked of the signer where a verdict %s', async (_what, arrange) => {
  await arrange();
  world.pass(1);
  expect(await compare()).toMatch(/, 0 not signed,/);
  expect(asked()).toEqual([]);
});

test('nothing is asked of a signer that is not there', async () => {
  world.signs = false;
  world.pass(1);
  expect(await compare()).toMatch(/, 0 not signed,/);
  expect(asked()).toEqual([]);
});

test('rule 4.9, re-evaluation: what an older policy judged is judged again first: that verdict will be published to the signer', async () => {
  world.publish(LENIENT);
  world.pass(1);
  expect(await compare()).toBe(
    'team/clean: 0 images without a verdict, 1 judged by an older policy, 0 not signed, 0 deleted',
  );
  expect(asked()).toEqual([]);
  await world.settle();
  expect(world.decision(image).trusted).toBe(true);
});

test('a signature in the registry is no image without a verdict, and neither is its bundle', async () => {
  world.signing.put(request());
  await world.settle();
  world.register.rows.forEach(({ kind, pk }) => {
    if (kind === 'attachment') world.register.rows.delete(pk);
  });
  world.pass(1);
  await world.reconcile();
  expect(world.builds.builds).toHaveLength(1);
  expect(await compare()).toBe(
    'team/clean: 0 images without a verdict, 0 judged by an older policy, 0 not signed, 0 deleted',
  );
});
