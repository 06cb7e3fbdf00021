import { imageOf, type ImageName } from '../../../src/core/image/image';
import { verifyInRegistry } from '../../../src/core/trust/registry-check';
import { signImage } from '../../../use-cases/signing/sign-image';
import { World } from '../world';

let world: World;
let image: ImageName;

beforeEach(() => {
  world = new World();
  world.signs = true;
  image = world.has('clean');
});

async function push(): Promise<void> {
  world.push(image, 'v1');
  await world.settle();
}

async function renew(of = image): Promise<void> {
  world.pass(25);
  world.ask(of, 'renewal');
  await world.settle();
}

/** A message that lay somewhere for long. */
async function signAgain(verdictId = world.row(image).verdict!.verdictId): Promise<unknown> {
  return signImage({ version: 1, image, verdictId }, world.signContext());
}

function told(of = image): string[] {
  return world
    .events(of)
    .map(({ detailType }) => detailType)
    .filter(type => type !== 'Image Verdict');
}

function signatures(key = world.signer.current): { layers: number; bundles: number } {
  return world.signatures.by(key, image, world.now);
}

describe('an image that passes', () => {
  beforeEach(push);

  test('is signed: the register holds a statement that a gate believes, the registry a signature and a bundle', async () => {
    const { verdict, statement, signature } = world.row(image);
    expect(world.decision(image)).toEqual({ trusted: true, image, validUntil: verdict!.validUntil });
    expect(statement!.verdictId).toBe(verdict!.verdictId);
    expect(signature).toEqual({
      keyHint: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      at: expect.any(String),
    });
    expect(signatures()).toEqual({ layers: 1, bundles: 1 });
    expect(told()).toEqual(['Image Trusted']);
  });

  test('is signed as the second check reads it, for as long as that one allows', async () => {
    const question = { image, keys: [world.signer.current] };
    const ask = (hours: number) =>
      verifyInRegistry(
        { ...question, maxAgeSeconds: hours * 3600, now: world.now },
        world.signatures.of(image),
      );
    const { scanId } = world.row(image).verdict!;
    expect(await ask(1)).toMatchObject({
      image,
      verdict: 'PASS',
      scanId,
      repository: '000000000000.dkr.ecr.us-east-1.amazonaws.com/team/clean',
    });
    world.pass(2);
    expect(await ask(1)).toMatchObject({
      trusted: false,
      reason: 'NO_SIGNATURE',
      says: expect.stringContaining('judged 2 hours ago, allowed: 1'),
    });
    expect(await ask(3)).toHaveProperty('verdict', 'PASS');
  });

  test("says in its registry nothing of when it expires: that is the register's business", async () => {
    const { bundle } = world.signatures.bundles(image)[0]!;
    expect(Buffer.from(JSON.parse(bundle).dsseEnvelope.payload, 'base64').toString()).not.toContain(
      'validUntil',
    );
    expect(world.signatures.layers(image)[0]!.payload).not.toContain('validUntil');
    expect(Buffer.from(world.row(image).statement!.envelope.payload, 'base64').toString()).toContain(
      `"validUntil":"${world.row(image).verdict!.validUntil}"`,
    );
  });

  test('starts no scan of its own signatures', async () => {
    expect(world.builds.builds).toHaveLength(1);
    expect(world.lost).toEqual([]);
    expect([...world.register.rows.values()].map(({ kind }) => kind).sort()).toEqual(['attachment', 'image']);
  });

  test('is signed once, however often its verdict is published', async () => {
    const { statement } = world.row(image);
    expect(await signAgain()).toMatchObject({ signed: true });
    expect(world.row(image).statement).toEqual(statement);
    expect(world.signer.signed).toBe(3);
    expect(told()).toEqual(['Image Trusted', 'Image Trusted']);
  });
});

test('rule 4.5, expiry and grace periods: a renewal is signed into the register, and nothing is pushed', async () => {
  await push();
  const { statement } = world.row(image);
  for (let day = 0; day < 5; day++) await renew();

  expect(world.row(image).statement).not.toEqual(statement);
  expect(world.row(image).statement!.verdictId).toBe(world.row(image).verdict!.verdictId);
  expect(world.decision(image).trusted).toBe(true);
  expect(world.signatures.pushes).toHaveLength(2);
  expect(world.signer.signed).toBe(3 + 5);
  expect(told()).toEqual(Array(6).fill('Image Trusted'));
});

test('rule 4.4, failed scans keep the verdict: until the signer comes to a renewal, the statement before it holds until its own end', async () => {
  await push();
  const { validUntil } = world.row(image).verdict!;
  world.signs = false;
  await renew();
  expect(world.decision(image)).toMatchObject({ trusted: true, validUntil });
  world.now = new Date(validUntil);
  expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'EXPIRED' });
});

test('rule 5.8, the key signs only PASS: an image that fails is not signed, and the key is not asked for', async () => {
  image = world.has('fixable-critical');
  await push();
  expect(world.row(image)).not.toHaveProperty('statement');
  expect(world.signer.signed).toBe(0);
  expect(world.signatures.pushes).toEqual([]);
  expect(told()).toEqual([]);
  expect(world.decision(image)).toMatchObject({ trusted: false, reason: 'FAILED' });
});

test('rule 4.4, failed scans keep the verdict: a later FAIL ends the trust at once, and is published as a revocation, once a FAIL', async () => {
  await push();
  world.finds(image, 'fixable-critical');
  await renew();
  const { verdict } = world.row(image);
  expect(world.row(image)).not.toHaveProperty('statement');
  expect(world.decision(image)).toMatchObject({
    trusted: false,
    reason: 'REVOKED',
    worst: [expect.stringContaining('CVE-')],
  });
  expect(told()).toEqual(['Image Trusted', 'Image Revoked']);
  expect(world.events(image).at(-1)!.detail).toMatchObject({
    verdictId: verdict!.verdictId,
    violationCount: 1,
    worst: verdict!.worst,
  });

  await renew();
  expect(told()).toEqual(['Image Trusted', 'Image Revoked']);
});

test('an image that passes again after a FAIL is signed again in the register; its signature was never taken out of the registry', async () => {
  await push();
  world.finds(image, 'fixable-critical');
  await renew();
  world.finds(image, 'clean');
  world.pass(25); // with the database of the next day
  world.ask(image, 'request');
  await world.settle();
  expect(world.row(image)).not.toHaveProperty('revokedBy');
  expect(world.decision(image).trusted).toBe(true);
  expect(signatures()).toEqual({ layers: 1, bundles: 1 });
  expect(told()).toEqual(['Image Trusted', 'Image Revoked', 'Image Trusted']);
});

test('rule 4.11, sign only what the register says: the event of a PASS that comes again after a FAIL signs nothing, and tells the end of the trust once more', async () => {
  await push();
  const old = world.row(image).verdict!.verdictId;
  world.finds(image, 'fixable-critical');
  await renew();
  const before = {
    row: world.row(image),
    signed: world.signer.signed,
    pushes: world.signatures.pushes.length,
  };

  expect(await signAgain(old)).toMatchObject({ done: 'revoked: it was trusted, and does not pass any more' });

  expect({
    row: world.row(image),
    signed: world.signer.signed,
    pushes: world.signatures.pushes.length,
  }).toEqual(before);
});

test('rule 4.11, sign only what the register says: of an image that the register does not know nothing is signed', async () => {
  expect(await signAgain('01JDGZ00000000000000000009')).toMatchObject({
    done: expect.stringMatching(/^nothing signed/),
  });
  expect(world.signer.signed).toBe(0);
});

test('a verdict that has expired before the signer came to it is not signed', async () => {
  world.signs = false;
  await push();
  world.now = new Date(world.row(image).verdict!.validUntil);
  expect(await signAgain()).toMatchObject({ done: expect.stringContaining('the verdict held until') });
  expect(world.signer.signed).toBe(0);
});

test('an image that was deleted meanwhile is not signed', async () => {
  world.signs = false;
  await push();
  world.registry.remove(imageOf(image));
  expect(await signAgain()).toMatchObject({
    done: 'nothing signed: the registry has no such image any more',
  });
  expect(world.signer.signed).toBe(0);
  expect(world.row(image)).not.toHaveProperty('statement');
});

test('only a verdict is a message for it: every other event of the bus is ignored, and what is neither is poison', async () => {
  await push();
  for (const { detailType, detail } of world.bus) {
    world.signing.put({ source: 'trusted-images', 'detail-type': detailType, detail });
  }
  world.signing.put({ source: 'trusted-images', 'detail-type': 'Image Verdict', detail: { image } });
  world.signing.put({ version: 1, image, verdictId: '../other' });
  world.outcomes.length = 0;
  await world.settle();
  const poison = { poison: expect.stringMatching(/^neither a published verdict nor a request to sign: /) };
  expect(world.outcomes).toEqual([
    expect.objectContaining({ signed: true }),
    { done: 'ignored' },
    poison,
    poison,
  ]);
});
