import { imageName, imageOf, sibling, type ImageName } from '../../../src/core/image/image';
import { classicTag, type Artefact } from '../../../src/core/signing/oci-artefact';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import { evaluateStored } from '../../../use-cases/evaluation/evaluate-stored';
import { LENIENT, STANDARD, World } from '../world';
import { storedImage } from '../world/zoo';

export interface SigningStory {
  /** Signatures in the registry by the key that signs, of the first image. */
  readonly ends: { readonly layers: number; readonly bundles: number };
  /** Everything before the signer's message; answers the images that it is about. */
  arrange(world: World): Promise<ImageName[]>;
}

/** A strange `.sig`, so that the tag is taken. */
function takenTag(image: ImageName): Artefact {
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    manifest: JSON.stringify({ layers: [] }),
    blobs: [],
    tag: classicTag(imageOf(image).digest, 'sig'),
  };
}

async function passes(world: World, image: ImageName): Promise<void> {
  world.push(image, 'v1');
  await world.settle();
}

async function signedOnce(world: World): Promise<ImageName> {
  world.signs = true;
  const image = vulnerable(world);
  await passes(world, image);
  world.signs = false;
  return image;
}

async function renewed(world: World, image: ImageName): Promise<void> {
  world.pass(25);
  world.ask(image, 'renewal');
  await world.settle();
}

/** It passes as long as the policy is lenient. */
function vulnerable(world: World): ImageName {
  world.publish(LENIENT);
  return world.has('fixable-critical');
}

export const STORIES: Record<string, SigningStory> = {
  'the first signature': {
    arrange: async world => {
      const image = vulnerable(world);
      await passes(world, image);
      return [image];
    },
    ends: { layers: 1, bundles: 1 },
  },
  'a renewal': {
    arrange: async world => {
      const image = await signedOnce(world);
      await renewed(world, image);
      return [image];
    },
    ends: { layers: 1, bundles: 1 },
  },
  'a renewal with another key': {
    arrange: async world => {
      const image = await signedOnce(world);
      world.signer.rotate();
      await renewed(world, image);
      return [image];
    },
    ends: { layers: 1, bundles: 1 },
  },
  'a tag that is taken': {
    arrange: async world => {
      const image = vulnerable(world);
      world.signatures.immutable = true;
      world.signatures.put(image, takenTag(image));
      await passes(world, image);
      return [image];
    },
    ends: { layers: 0, bundles: 1 },
  },
  'an index and its images': {
    arrange: async world => {
      world.publish(LENIENT);
      const index = world.has('clean-and-vulnerable', ['linux-amd64', 'linux-arm64']);
      await passes(world, index);
      return [
        index,
        ...['linux-amd64', 'linux-arm64'].map(platform =>
          imageName(sibling(imageOf(index), storedImage(`clean-and-vulnerable.${platform}`).digest)),
        ),
      ];
    },
    ends: { layers: 1, bundles: 1 },
  },
};

interface Begun {
  readonly world: World;
  readonly images: ImageName[];
  readonly keys: VerificationKey[];
}

/** The story up to the signer's messages, which lie in its queue. */
export async function begin(story: SigningStory, { dies = false } = {}): Promise<Begun> {
  const world = new World();
  world.dies = dies;
  const first = world.signer.current;
  const images = await story.arrange(world);
  world.signs = true;
  for (const image of images) {
    world.signing.put({ version: 1, image, verdictId: world.row(image).verdict!.verdictId });
  }
  return { world, images, keys: [...new Set([first, world.signer.current])] };
}

/** How many calls of ports there are until all is quiet; within a minute only those of the signer. */
export async function callsOf(
  story: SigningStory,
  options: { readonly dies?: boolean } = {},
  minutes = Infinity,
): Promise<number> {
  const { world } = await begin(story, options);
  world.interruptions.crashAtCalls();
  await world.settle({ minutes });
  return world.interruptions.calls;
}

/** The evaluator, by a policy that was not there before. */
export async function judgedAgain(
  world: World,
  image: ImageName,
  policy: object,
  outcome: 'PASS' | 'FAIL',
): Promise<string> {
  world.publish(policy);
  await evaluateStored(image, world.evaluateContext());
  const { verdict } = world.row(image);
  if (verdict!.outcome !== outcome || verdict!.policyRevision !== world.policy!.revision) {
    throw new Error('there was to be another verdict');
  }
  return verdict!.verdictId;
}

export async function fails(world: World, image: ImageName): Promise<string> {
  return judgedAgain(world, image, STANDARD, 'FAIL');
}

/** `Image Trusted` and `Image Revoked`, each with the verdict that it is about. */
export function told(world: World, image: ImageName): string[] {
  return [
    ...new Set(
      world
        .events(image)
        .flatMap(event =>
          event.detailType === 'Image Trusted' || event.detailType === 'Image Revoked'
            ? [`${event.detailType} ${event.detail.verdictId}`]
            : [],
        ),
    ),
  ];
}
