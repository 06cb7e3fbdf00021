import * as z from 'zod';
import { isPassing } from '../../adapters/aws/passing-error';
import type { Kept } from '../../src/core/events/revocation-events';
import { imageOf } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { bundlesOf } from '../../src/core/revocation/kept-message';
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

export type SignatureReader = Pick<SignatureRegistry, 'find' | 'manifest' | 'blob' | 'referrers'>;

/** The signer writes none that is larger. In base64 it is a third larger, and the SBOM in it is escaped. */
const LARGEST = Limit.attestationBytes * 2;

/** An artefact that holds nothing. An index has no layers either, and cosign follows it to an image. */
const Empty = z.object({ layers: z.array(z.unknown()).length(0), manifests: z.undefined().optional() });

export interface SignaturesQuestion {
  readonly about: SignedImage;
  readonly keys: readonly VerificationKey[];
  readonly registry: SignatureReader;
  /** Whether the time for reading is over. */
  isLate(): boolean;
}

export interface OurSignatures {
  /** Digests of manifests that hold what the keys signed for this image, and nothing else. */
  readonly ours: readonly string[];
  /** What may hold a signature of ours too, and is not deleted. */
  readonly kept: readonly Kept[];
  /** Ended the look, and is over by itself. */
  readonly stopped?: Error;
}

/**
 * What the signer wrote at `.sig` and `.att`. A tag names whatever the last pusher wanted, so nothing counts
 * as ours by its tag or its annotations, but only by what the keys signed. Whatever else is there is kept:
 * cosign may find a signature in it.
 */
export async function taggedSignatures(question: SignaturesQuestion): Promise<OurSignatures> {
  const look = new Look(question);
  const { about, keys, registry } = question;
  const { digest } = imageOf(about.image);
  const isOurs = {
    sig: (layer: Descriptor, text: string) => keys.some(key => isClassicSignature(layer, text, key, about)),
    att: (_layer: Descriptor, text: string) => isWrittenFor(parseJson(text), about, keys),
  };
  for (const kind of ['sig', 'att'] as const) {
    const tag = classicTag(digest, kind);
    const kept: { name: string; digest?: string } = { name: tag };
    await look.at(kept, async () => {
      const find = async () => (await registry.find({ imageTag: tag }, Limit.manifestBytes))?.text;
      const text = await look.read(Limit.manifestBytes, find);
      if (text === undefined || Empty.safeParse(parseJson(text)).success) return;
      kept.digest = digestOf(text);
      const layers = kind === 'sig' ? classicLayers(text) : attestationLayers(text);
      if (layers.length === 0) throw new Error('it is not one that the signer could have written');
      if (layers.length > Limit.classicSignatures) {
        throw new Error(`it has ${layers.length} layers, looked at: ${Limit.classicSignatures} at most`);
      }
      for (const [index, layer] of layers.entries()) {
        if (isOurs[kind](layer, await look.blob(layer))) continue;
        throw new Error(
          `layer ${index + 1} of ${layers.length} is not known as signed for this image by a key of this trust`,
        );
      }
      look.ours.push(kept.digest);
    });
  }
  return look;
}

/** The bundles that the signer attached, whoever pushed them. Those of other keys are not ours to name. */
export async function bundleSignatures(question: SignaturesQuestion): Promise<OurSignatures> {
  const look = new Look(question);
  const { about, keys, registry } = question;
  const { digest } = imageOf(about.image);
  let seen = 0;
  await look.at({ name: bundlesOf(digest) }, async () => {
    for await (const referrer of registry.referrers(digest)) {
      look.throwIfSpent();
      if ((seen += 1) > Limit.withdrawnReferrers) {
        throw new Error(
          `more than ${Limit.withdrawnReferrers} refer to the image: the rest is not looked at`,
        );
      }
      if (!mayBeBundle(referrer.artifactType)) continue;
      await look.at({ name: referrer.digest, digest: referrer.digest }, async () => {
        const text = await look.read(Limit.manifestBytes, () =>
          registry.manifest(referrer.digest, Limit.manifestBytes),
        );
        const bundle = readBundleManifest(text ?? '', digest);
        if (!bundle.ok) return;
        const envelope = envelopeOf(await look.blob(bundle.value));
        if (isWrittenFor(envelope, about, keys)) look.ours.push(referrer.digest);
      });
      if (look.stopped !== undefined) return;
    }
  });
  return look;
}

/** What was found so far, and how much was read for it. */
class Look implements OurSignatures {
  public readonly ours: string[] = [];
  public readonly kept: Kept[] = [];
  public stopped?: Error;
  private bytes = 0;

  constructor(private readonly question: SignaturesQuestion) {}

  /** One that cannot be read keeps none of the others. */
  public async at(kept: Omit<Kept, 'why'>, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (isPassing(error)) this.stopped ??= error;
      else this.kept.push({ ...kept, why: plainText((error as Error).message, 300) });
    }
  }

  public blob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<string> {
    if (size > LARGEST) throw new Error(`it has ${size} bytes, looked at: ${LARGEST} at most`);
    return this.read(LARGEST, () => this.question.registry.blob(digest, LARGEST));
  }

  /** What could not be read counts in full. */
  public async read<T extends string | undefined>(maxBytes: number, read: () => Promise<T>): Promise<T> {
    this.throwIfSpent();
    this.bytes += maxBytes;
    const text = await read();
    this.bytes -= maxBytes - Buffer.byteLength(text ?? '');
    return text;
  }

  public throwIfSpent(): void {
    if (this.question.isLate()) throw new Error('the time to look at what is beside the image was over');
    if (this.bytes > Limit.withdrawnBytes) {
      throw new Error(`more than ${Limit.withdrawnBytes} bytes are beside the image: the rest is not read`);
    }
  }
}
