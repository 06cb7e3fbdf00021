import type { Kept } from '../../src/core/events/revocation-events';
import { imageOf } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { attestationLayers } from '../../src/core/signing/attestation';
import { envelopeOf, mayBeBundle, readBundleManifest } from '../../src/core/signing/bundle';
import {
  classicLayers,
  isClassicSignature,
  type SignedImage,
} from '../../src/core/signing/classic-signature';
import { classicTag, type Descriptor } from '../../src/core/signing/oci-artefact';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import { isWrittenFor } from '../../src/core/signing/written-for';
import { parseJson } from '../../src/core/text/json';
import { plainText } from '../../src/core/text/plain-text';
import { digestOf } from '../../src/core/text/sha256';
import type { SignatureRegistry } from '../signing/sign-ports';

type Reader = Pick<SignatureRegistry, 'find' | 'manifest' | 'blob' | 'referrers'>;

/** The signer writes none that is larger. In base64 it is a third larger, and the SBOM in it is escaped. */
const LARGEST = Limit.attestationBytes * 2;

export interface OurSignatures {
  /** Digests of manifests that hold what the keys signed for this image, and nothing else. */
  readonly ours: readonly string[];
  /** What holds a signature of ours and something else, or cannot be looked at. */
  readonly kept: readonly Kept[];
  /** What could not be read now. */
  readonly unread: readonly Kept[];
}

/**
 * What the signer wrote beside an image: `.sig`, `.att` and bundles. A tag names whatever the last pusher
 * wanted, so nothing counts as ours by its tag or its annotations, but only by what the keys signed.
 */
export async function ourSignatures(
  about: SignedImage,
  keys: readonly VerificationKey[],
  registry: Reader,
): Promise<OurSignatures> {
  const found = { ours: [] as string[], kept: [] as Kept[], unread: [] as Kept[] };
  const { digest } = imageOf(about.image);
  const isOurs = {
    sig: (layer: Descriptor, text: string) => keys.some(key => isClassicSignature(layer, text, key, about)),
    att: (_layer: Descriptor, text: string) => isWrittenFor(parseJson(text), about, keys),
  };
  for (const kind of ['sig', 'att'] as const) {
    const tag = classicTag(digest, kind);
    const there = await registry.find({ imageTag: tag }, Limit.manifestBytes);
    const layers = kind === 'sig' ? classicLayers(there?.text) : attestationLayers(there?.text);
    if (layers.length > Limit.classicSignatures) {
      const why = `it has ${layers.length} layers, looked at: ${Limit.classicSignatures} at most`;
      found.kept.push({ name: tag, why });
      continue;
    }
    await reading(tag, found, async () => {
      let ours = 0;
      for (const layer of layers) {
        if (layer.size > LARGEST) continue;
        if (isOurs[kind](layer, await registry.blob(layer.digest, LARGEST))) ours += 1;
      }
      const others = layers.length - ours;
      if (ours > 0 && others === 0) found.ours.push(digestOf(there!.text));
      if (ours > 0 && others > 0) {
        found.kept.push({ name: tag, why: `it also holds ${others} that this trust did not write for it` });
      }
    });
  }
  await bundles(about, keys, registry, found);
  return found;
}

async function bundles(
  about: SignedImage,
  keys: readonly VerificationKey[],
  registry: Reader,
  found: { readonly ours: string[]; readonly kept: Kept[]; readonly unread: Kept[] },
): Promise<void> {
  const { digest } = imageOf(about.image);
  let read = 0;
  for await (const referrer of registry.referrers(digest)) {
    if (!mayBeBundle(referrer.artifactType)) continue;
    if ((read += 1) > Limit.withdrawnBundles) {
      const why = `it has more than ${Limit.withdrawnBundles} bundles, and no more are looked at`;
      found.kept.push({ name: digest, why });
      return;
    }
    await reading(referrer.digest, found, async () => {
      const text = await registry.manifest(referrer.digest, Limit.manifestBytes);
      const bundle = readBundleManifest(text ?? '', digest);
      if (!bundle.ok || bundle.value.size > LARGEST) return;
      const envelope = envelopeOf(await registry.blob(bundle.value.digest, LARGEST));
      if (isWrittenFor(envelope, about, keys)) found.ours.push(referrer.digest);
    });
  }
}

/** One that cannot be read keeps none of the others. */
async function reading(
  name: string,
  { unread }: { readonly unread: Kept[] },
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    unread.push({ name, why: plainText((error as Error).message, 300) });
  }
}
