import { imageOf, type ImageName } from '../../../src/core/image/image';
import { bundleReferrer, bundleText } from '../../../src/core/signing/bundle';
import { keyHint } from '../../../src/core/signing/verification-key';
import { verifyInRegistry } from '../../../src/core/trust/registry-check';
import { LENIENT, STANDARD, World } from '../world';

const AUDIT = {
  ...STANDARD,
  name: 'audit',
  audit: true,
  rules: STANDARD.rules.map(rule =>
    ['coverage', 'database-age'].includes(rule.rule) ? rule : { ...rule, action: 'warn' },
  ),
};

let world: World;
let image: ImageName;

/**
 * Passes in an audit, so nothing is signed in the registry; and whoever may read the register and push puts
 * its statement there.
 */
beforeEach(async () => {
  world = new World();
  world.signs = true;
  world.publish(AUDIT);
  image = world.has('root');
  world.push(image, 'v1');
  await world.settle();
  const { signature, statement } = world.row(image);
  expect(signature).toBeUndefined();
  const { text, mediaType } = (await world.signatures
    .of(image)
    .find({ imageDigest: imageOf(image).digest }, Infinity))!;
  const subject = { mediaType, size: text.length, digest: imageOf(image).digest };
  const bundle = bundleText(statement!.envelope, keyHint(world.signer.current));
  world.signatures.put(
    image,
    bundleReferrer(subject, bundle, 'https://sigstore.dev/cosign/sign/v1', world.now.toISOString()),
  );
});

test('a statement of the register vouches for nothing in the registry (rule 5.8, the key signs only PASS)', async () => {
  expect(world.decision(image).trusted).toBe(true); // at a gate, until the audit's verdict expires
  const question = { image, keys: [world.signer.current], maxAgeSeconds: Infinity, now: world.now };
  expect(await verifyInRegistry(question, world.signatures.of(image))).toMatchObject({
    reason: 'NO_SIGNATURE',
    says: expect.stringContaining(
      'its payload is application/vnd.trusted-images.statement+json, allowed: application/vnd.in-toto+json',
    ),
  });
});

test('nor does the signer take it for its signature, which comes when another policy passes the image', async () => {
  world.publish(LENIENT);
  world.pass(1);
  await world.reconcile();
  await world.settle();
  expect(world.signatures.by(world.signer.current, image, world.now)).toEqual({ layers: 1, bundles: 1 });
});
