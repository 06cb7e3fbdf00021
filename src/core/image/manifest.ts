import * as z from 'zod';
import { Limit } from '../limits';
import { parseUnambiguousJson } from '../text/json';
import { plainText } from '../text/plain-text';

/** OCI image-spec and Docker image manifest 2.2 media types. */
export const MediaType = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  inToto: 'application/vnd.in-toto+json',
} as const;

/** The media types to ask a registry for. */
export const ACCEPTED_MANIFESTS: readonly string[] = [
  MediaType.ociIndex,
  MediaType.ociManifest,
  MediaType.dockerList,
  MediaType.dockerManifest,
];

const LAYER =
  /^application\/vnd\.(?:oci\.image\.layer\.v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(?:\.gzip|\.zstd)?)$/;
/**
 * Signatures, attestations and SBOMs as cosign, notation, oras and syft attach them: about an image, not
 * images.
 */
const ATTACHMENT =
  /^application\/(?:vnd\.dev\.(?:cosign|sigstore)\.|vnd\.dsse\.|vnd\.in-toto|vnd\.cncf\.notary\.|vnd\.cyclonedx|vnd\.syft|spdx|sarif)|^text\/(?:spdx|sbom)/;

const Descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
  data: z.unknown().optional(),
  platform: z
    .object({
      os: z.string().optional(),
      architecture: z.string().optional(),
      variant: z.string().optional(),
    })
    .optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type Descriptor = z.infer<typeof Descriptor>;

const Document = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).optional(),
  manifests: z.array(Descriptor).optional(),
  subject: z.unknown().optional(),
});

/** The keys that decide what is fetched and run. */
const NAMES = [
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'digest',
  'size',
  'urls',
  'data',
  'platform',
  'os',
  'architecture',
  'annotations',
];

export type Manifest =
  | { readonly kind: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: 'index'; readonly children: readonly Descriptor[] }
  /** A signature, an attestation or an SBOM: never scanned, never trusted. */
  | { readonly kind: 'attachment'; readonly type: string; readonly subject?: string }
  | { readonly kind: 'unscannable'; readonly why: string };

/** What was pushed. Whatever is not clearly an image or an index is not scanned, so it is not trusted. */
export function readManifest(text: string, mediaType: string): Manifest {
  const parsed = Document.safeParse(parseUnambiguousJson(text, NAMES));
  if (!parsed.success) {
    return {
      kind: 'unscannable',
      why: 'its manifest is not an OCI or Docker manifest, or can be read in more than one way',
    };
  }
  const { artifactType, config, layers, manifests, subject } = parsed.data;
  // CVE-2021-41190: an image to one client is an index to another
  if ((parsed.data.mediaType ?? mediaType) !== mediaType) {
    return {
      kind: 'unscannable',
      why: `its media type is ${mediaTypeText(mediaType)}, its manifest says ${mediaTypeText(parsed.data.mediaType)}`,
    };
  }
  if (manifests !== undefined && (config !== undefined || layers !== undefined)) {
    return { kind: 'unscannable', why: 'its manifest is an image and an index at once' };
  }
  const types = [
    artifactType,
    config?.mediaType,
    ...(layers?.map(layer => layer.mediaType) ?? []),
    mediaType,
  ];
  if (subject !== undefined || isAttachment(artifactType, config, layers)) {
    return { kind: 'attachment', type: mediaTypeText(typeOf(types)), subject: digestIn(subject) };
  }
  if (mediaType === MediaType.ociIndex || mediaType === MediaType.dockerList) return readIndex(manifests);
  if (mediaType !== MediaType.ociManifest && mediaType !== MediaType.dockerManifest) {
    return { kind: 'unscannable', why: `its media type is ${mediaTypeText(mediaType)}` };
  }
  if (
    config === undefined ||
    layers === undefined ||
    (config.mediaType !== MediaType.ociConfig && config.mediaType !== MediaType.dockerConfig)
  ) {
    return {
      kind: 'unscannable',
      why: `it is an artifact of type ${mediaTypeText(artifactType ?? config?.mediaType)}, not a container image`,
    };
  }
  const foreign = layers.find(layer => !LAYER.test(layer.mediaType));
  if (foreign !== undefined) {
    return {
      kind: 'unscannable',
      why: `its layer ${foreign.digest} has the media type ${mediaTypeText(foreign.mediaType)}`,
    };
  }
  const elsewhere = whyElsewhere([config, ...layers]);
  return elsewhere === undefined
    ? { kind: 'image', config, layers }
    : { kind: 'unscannable', why: elsewhere };
}

function readIndex(children: readonly Descriptor[] | undefined): Manifest {
  if (children === undefined || children.length === 0) {
    return { kind: 'unscannable', why: 'its index names no image' };
  }
  if (children.length > Limit.indexChildren) {
    return {
      kind: 'unscannable',
      why: `its index names ${children.length} images, allowed: ${Limit.indexChildren}`,
    };
  }
  const nested = children.find(
    child => child.mediaType === MediaType.ociIndex || child.mediaType === MediaType.dockerList,
  );
  if (nested !== undefined) {
    return { kind: 'unscannable', why: `its index names another index, ${nested.digest}` };
  }
  const elsewhere = whyElsewhere(children);
  return elsewhere === undefined ? { kind: 'index', children } : { kind: 'unscannable', why: elsewhere };
}

/**
 * A blob is what its digest names in its repository. Some readers take the content from the descriptor
 * itself or from another address instead (rule 5.1, hermetic scan).
 */
function whyElsewhere(descriptors: readonly Descriptor[]): string | undefined {
  const elsewhere = descriptors.find(({ urls = [], data }) => urls.length > 0 || data !== undefined);
  if (elsewhere === undefined) return undefined;
  const { digest, data } = elsewhere;
  return data === undefined
    ? `its blob ${digest} is to be fetched from elsewhere (urls)`
    : `its blob ${digest} is embedded in the manifest (data), where some readers look and others do not`;
}

function isAttachment(
  artifactType: string | undefined,
  config: Descriptor | undefined,
  layers: readonly Descriptor[] | undefined,
): boolean {
  if (artifactType !== undefined && ATTACHMENT.test(artifactType)) return true;
  if (config !== undefined && ATTACHMENT.test(config.mediaType)) return true;
  return layers !== undefined && layers.length > 0 && layers.every(layer => ATTACHMENT.test(layer.mediaType));
}

/** The type of an attachment, if it names one. */
function typeOf(types: readonly (string | undefined)[]): string | undefined {
  return (
    types.find(type => type !== undefined && ATTACHMENT.test(type)) ?? types.find(type => type !== undefined)
  );
}

function digestIn(subject: unknown): string | undefined {
  return Descriptor.pick({ digest: true }).safeParse(subject).data?.digest;
}

/**
 * BuildKit's provenance in an index, by its descriptor. Every layer must be in-toto too (rule 4.8,
 * indexes).
 */
export function looksLikeAttestation(child: Descriptor): boolean {
  return (
    child.platform?.os === 'unknown' &&
    child.platform.architecture === 'unknown' &&
    child.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
  );
}

export function holdsOnlyInToto(text: string): boolean {
  const parsed = Document.safeParse(parseUnambiguousJson(text, NAMES));
  // other clients may read it as an index
  if (!parsed.success || parsed.data.manifests !== undefined) return false;
  const layers = parsed.data.layers ?? [];
  return layers.length > 0 && layers.every(layer => layer.mediaType === MediaType.inToto);
}

/** A media type is the pusher's text (rule 5.5, untrusted text), or missing. */
function mediaTypeText(mediaType: string | undefined): string {
  return mediaType === undefined ? 'unknown' : plainText(mediaType, 80);
}
