import * as z from 'zod';
import { classicTag, describe, taggedArtefact, type Artefact, type Descriptor } from './oci-artefact';
import type { Claims } from './statement';
import { isSignedBy, type VerificationKey } from './verification-key';
import { Digest, imageOf } from '../image/image';
import { parseJson } from '../text/json';

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const SIGNATURE = 'dev.cosignproject.cosign/signature';

const Layer = z.object({
  mediaType: z.literal(SIMPLE_SIGNING),
  size: z.number().int(),
  digest: Digest,
  annotations: z.record(z.string(), z.string()),
});
const Layers = z.object({ layers: z.array(Layer) });
const Payload = z.object({
  critical: z.object({ identity: z.unknown(), image: z.unknown(), type: z.unknown() }),
});

/** Which image, in which repository: the part of the claims that cosign itself compares. */
export type SignedImage = Pick<Claims, 'image' | 'repository'>;

/** The text that a classic signature signs. `optional` is what `cosign verify -a` reads. */
export function simpleSigning(claims: Claims): string {
  return JSON.stringify({ critical: critical(claims), optional: claims });
}

function critical({ image, repository }: SignedImage): object {
  return {
    identity: { 'docker-reference': repository },
    image: { 'docker-manifest-digest': imageOf(image).digest },
    type: 'cosign container image signature',
  };
}

/**
 * The existing signatures at the tag. Empty if cosign could not have written the manifest: it is replaced.
 */
export function classicLayers(manifest: string | undefined): Descriptor[] {
  const read = Layers.safeParse(manifest === undefined ? undefined : parseJson(manifest));
  return read.success ? read.data.layers : [];
}

/** Whether this key signed this payload, and the payload is about this image in this repository. */
export function isClassicSignature(
  layer: Descriptor,
  payload: string,
  key: VerificationKey,
  about: SignedImage,
): boolean {
  if (!isSignedBy(key, Buffer.from(payload), Buffer.from(layer.annotations?.[SIGNATURE] ?? '', 'base64'))) {
    return false;
  }
  const read = Payload.safeParse(parseJson(payload));
  return read.success && JSON.stringify(read.data.critical) === JSON.stringify(critical(about));
}

/** `sha256-<hex>.sig`: one layer for each signature, including those of others. */
export function classicSignature(
  { image }: Pick<Claims, 'image'>,
  others: readonly Descriptor[],
  payload: string,
  signature: Uint8Array,
): Artefact {
  const layer = describe(payload, SIMPLE_SIGNING, { [SIGNATURE]: Buffer.from(signature).toString('base64') });
  return taggedArtefact(classicTag(imageOf(image).digest, 'sig'), [...others, layer], [payload]);
}
