import { Limit } from '../limits';
import { digestOf } from '../text/sha256';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const EMPTY_CONFIG = '{}';
const EPOCH = '0001-01-01T00:00:00Z';

export interface Descriptor {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An artefact to push: blobs first, then the manifest. */
export interface Artefact {
  readonly mediaType: string;
  readonly manifest: string;
  readonly blobs: readonly string[];
  readonly tag?: string;
}

/** Whether Amazon ECR accepts the manifest: signatures of others at a tag may leave no space for ours. */
export function fitsRegistry({ manifest }: Artefact): boolean {
  return Buffer.byteLength(manifest) <= Limit.manifestBytes;
}

export function describe(text: string, mediaType: string, annotations?: Record<string, string>): Descriptor {
  return {
    mediaType,
    size: Buffer.byteLength(text),
    digest: digestOf(text),
    ...(annotations !== undefined && { annotations }),
  };
}

/** The tag at which cosign 2 looks for the artefacts of a digest. */
export function classicTag(digest: string, kind: 'sig' | 'att'): string {
  return `${digest.replace(':', '-')}.${kind}`;
}

/**
 * In the shape of an image, as cosign 2 writes it: a layer each. @see
 * https://github.com/sigstore/cosign/blob/v3.1.3/specs/SIGNATURE_SPEC.md
 */
export function taggedArtefact(
  tag: string,
  layers: readonly Descriptor[],
  blobs: readonly string[],
): Artefact {
  const config = JSON.stringify({
    architecture: '',
    created: EPOCH,
    history: layers.map(() => ({ created: EPOCH })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe(config, CONFIG),
    layers,
  });
  return { mediaType: MANIFEST, manifest, blobs: [...blobs, config], tag };
}

/** What refers to a subject and has no tag. @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage */
export function referrer(
  subject: Descriptor,
  type: string,
  text: string,
  annotations: Record<string, string>,
): Artefact {
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: type,
    config: describe(EMPTY_CONFIG, 'application/vnd.oci.empty.v1+json'),
    layers: [describe(text, type)],
    subject: { mediaType: subject.mediaType, size: subject.size, digest: subject.digest },
    annotations,
  });
  return { mediaType: MANIFEST, manifest, blobs: [text, EMPTY_CONFIG] };
}
