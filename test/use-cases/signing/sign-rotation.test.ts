import type { ImageName } from '../../../src/core/image/image';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import { decide } from '../../../src/core/trust/decide';
import { verifyInRegistry } from '../../../src/core/trust/registry-check';
import { World } from '../world';

let world: World;
let image: ImageName;
let former: VerificationKey;
let present: VerificationKey;

/** An image that one key signed; then another key signs, and nothing has happened yet. */
beforeEach(async () => {
  world = new World();
  world.signs = true;
  image = world.has('clean');
  world.push(image, 'v1');
  await world.settle();
  former = world.signer.rotate();
  present = world.signer.current;
});

async function renew(): Promise<void> {
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
}

function decision(...keys: VerificationKey[]): string {
  const decided = decide(image, world.row(image), keys, world.now);
  return decided.trusted ? 'TRUSTED' : decided.reason;
}

async function secondCheck(...keys: VerificationKey[]): Promise<string> {
  const answer = await verifyInRegistry(
    { image, keys, maxAgeSeconds: Infinity, now: world.now },
    world.signatures.of(image),
  );
  return 'trusted' in answer ? answer.reason : answer.verdict;
}

test('before its renewal, an image is admitted by gates that pin the former key, or both', async () => {
  expect([decision(former), decision(former, present), decision(present)]).toEqual([
    'TRUSTED',
    'TRUSTED',
    'WRONG_KEY',
  ]);
  expect(
    await Promise.all([secondCheck(former), secondCheck(former, present), secondCheck(present)]),
  ).toEqual(['PASS', 'PASS', 'NO_SIGNATURE']);
});

describe('a renewal', () => {
  beforeEach(renew);

  test('is signed by the present key: gates that pin both or the new one admit it, gates that know only the old one refuse it', () => {
    expect([decision(former, present), decision(present, former), decision(present)]).toEqual([
      'TRUSTED',
      'TRUSTED',
      'TRUSTED',
    ]);
    expect(decision(former)).toBe('WRONG_KEY');
    expect(decide(image, world.row(image), [former], world.now)).toMatchObject({
      says: expect.stringContaining(`pinned: ${former.name}`),
    });
  });

  test('puts a second signature and a second bundle beside the first ones, which stay', async () => {
    expect(world.signatures.by(former, image, world.now)).toEqual({ layers: 1, bundles: 1 });
    expect(world.signatures.by(present, image, world.now)).toEqual({ layers: 1, bundles: 1 });
    expect(
      await Promise.all([secondCheck(former), secondCheck(present), secondCheck(former, present)]),
    ).toEqual(['PASS', 'PASS', 'PASS']);
    expect(world.signatures.layers(image)).toHaveLength(2);
    expect(world.signatures.bundles(image)).toHaveLength(2);
  });

  test('is the last that is pushed for this key', async () => {
    const pushes = world.signatures.pushes.length;
    await renew();
    await renew();
    expect(world.signatures.pushes).toHaveLength(pushes);
  });

  test("back to the key before it finds that one's signature there, and pushes nothing", async () => {
    const pushes = world.signatures.pushes.length;
    world.signer.rotate(former);
    await renew();
    expect(decision(former)).toBe('TRUSTED');
    expect(world.signatures.pushes).toHaveLength(pushes);
  });
});

test('a key is believed until it is not accepted any more, in the register and in the registry', async () => {
  const until = new Date(world.now.getTime() + 3_600_000);
  const accepted = { ...former, acceptedUntil: until };
  expect(decision(accepted, present)).toBe('TRUSTED');
  expect(await secondCheck(accepted)).toBe('PASS');
  world.now = until;
  expect(decide(image, world.row(image), [accepted, present], world.now)).toMatchObject({
    reason: 'WRONG_KEY',
    says: expect.stringContaining(`was replaced, and accepted until ${until.toISOString()}`),
  });
  expect(await secondCheck(accepted)).toBe('NO_SIGNATURE');
});

test('a key that is not accepted any more does not stand in the way of the one that signs now', async () => {
  await renew();
  const ended = { ...former, acceptedUntil: new Date(world.now.getTime() - 1) };
  expect([decision(ended, present), decision(present, ended)]).toEqual(['TRUSTED', 'TRUSTED']);
  expect(await secondCheck(ended, present)).toBe('PASS');
});

test('where tags cannot be moved, the new key has no classic signature, but a bundle, and the row says why', async () => {
  world.signatures.immutable = true;
  await renew();
  expect(world.signatures.by(present, image, world.now)).toEqual({ layers: 0, bundles: 1 });
  expect(world.signatures.by(former, image, world.now)).toEqual({ layers: 1, bundles: 1 });
  expect(world.row(image).signature?.withoutTag).toMatch(
    /is immutable and was taken: exclude sha256-\*\.sig/,
  );
  expect(decision(present)).toBe('TRUSTED');

  const pushes = world.signatures.pushes.length;
  await renew();
  expect(world.signatures.pushes).toHaveLength(pushes);
});
