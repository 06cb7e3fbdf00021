import { createHash } from 'node:crypto';
import { imageName, imageOf, type ImageName } from '../../../src/core/image/image';
import { Limit } from '../../../src/core/limits';
import { ACCOUNT, LENIENT, STANDARD, World } from '../world';
import { storedImage, type Stored } from '../world/zoo';

const PLATFORMS = ['amd64', 'arm64'] as const;

let world: World;
let index: ImageName;

async function judgedBy(policy: object): Promise<void> {
  world = new World();
  world.signs = true;
  world.publish(policy);
  index = world.has(
    'clean-and-vulnerable',
    PLATFORMS.map(each => `linux-${each}`),
  );
  world.push(index, 'prod');
  await world.settle();
}

async function hours(count: number): Promise<void> {
  for (let hour = 0; hour < count; hour++) {
    world.pass(1);
    await world.reconcile();
  }
}

/** An index of the same images, as a nightly build makes that has a new attestation and nothing else. */
async function rebuilt(night: number): Promise<void> {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = PLATFORMS.map(architecture => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: storedImage(`clean-and-vulnerable.linux-${architecture}`).digest,
    size: 500,
    platform: { os: 'linux', architecture },
  }));
  const manifest = { schemaVersion: 2, mediaType, manifests, annotations: { night: String(night) } };
  const stored: Stored = {
    digest: `sha256:${createHash('sha256').update(JSON.stringify(manifest)).digest('hex')}`,
    mediaType,
    manifest,
  };
  const other = imageName(world.registry.add({ ...ACCOUNT, repository: imageOf(index).repository }, stored));
  world.push(other, `nightly-${night}`);
  await world.settle();
}

test('rule 4.8, indexes: an index is refused with its image, within the hour, also where that image is in more indexes than it knows', async () => {
  await judgedBy(LENIENT);
  for (let night = 0; night < Limit.rowParents; night++) await rebuilt(night);
  const images = world.row(index).children!;
  expect(
    images.some(({ digest }) =>
      world.row(imageName({ ...imageOf(index), digest })).parents!.includes(imageOf(index).digest),
    ),
  ).toBe(false);
  expect(world.decision(index).trusted).toBe(true);

  world.publish(STANDARD);
  await hours(2);
  expect(world.decision(index)).toMatchObject({ trusted: false, reason: 'REVOKED' });
});

test('rule 4.9, re-evaluation: and passes with its images, and has the policy that they have', async () => {
  await judgedBy(STANDARD);
  for (let night = 0; night < Limit.rowParents; night++) await rebuilt(night);
  expect(world.outcome(index)).toBe('FAIL');
  for (const policy of [LENIENT, { ...LENIENT, name: 'other' }]) {
    world.publish(policy);
    await hours(2);
    expect(world.row(index).verdict).toMatchObject({
      outcome: 'PASS',
      policyRevision: world.policy!.revision,
    });
  }
  const { rowVersion } = world.row(index);
  await hours(2);
  expect(world.row(index).rowVersion).toBe(rowVersion);
});
