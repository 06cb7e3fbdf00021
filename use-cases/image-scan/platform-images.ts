import type { FoundDescriptor, ImageParts, ImageSource } from '../../adapters/oci/image-source';
import {
  holdsOnlyInToto,
  looksLikeAttestation,
  readManifest,
  type Descriptor,
  type Manifest,
} from '../../src/core/image/manifest';
import { Limit } from '../../src/core/limits';
import { failed, ok, type Result } from '../../src/core/result';
import { plainText } from '../../src/core/text/plain-text';

/** One image that can be looked at: the unit of scan and verdict (rule 4.8, indexes). */
export interface PlatformImage extends ImageParts {
  /** As its index names it; an image without an index says in its config what it is for. */
  readonly platform?: string;
}

interface FoundPlatform {
  readonly platform: string | undefined;
  readonly descriptor: FoundDescriptor;
  readonly image: Result<PlatformImage, string>;
}

export interface ImageContent {
  readonly kind: 'image' | 'index';
  readonly platforms: readonly FoundPlatform[];
}

/**
 * What is to be scanned, by the same checks as a deployed dispatch makes; or why that is nothing that can be.
 */
export async function platformImages(source: ImageSource): Promise<Result<ImageContent, string>> {
  const { top } = source;
  const manifest = readManifest(await source.manifest(top), top.mediaType);
  switch (manifest.kind) {
    case 'attachment':
      return failed('it is a signature, an attestation or an SBOM, and no image');
    case 'unscannable':
      return failed(manifest.why);
    case 'image': {
      return ok({
        kind: 'image',
        platforms: [{ platform: undefined, descriptor: top, image: platformImage(top, manifest) }],
      });
    }
    case 'index':
      return childrenOf(source, manifest.children);
  }
}

async function childrenOf(
  source: ImageSource,
  descriptors: readonly Descriptor[],
): Promise<Result<ImageContent, string>> {
  const platforms: FoundPlatform[] = [];
  for (const descriptor of descriptors) {
    if (looksLikeAttestation(descriptor) && holdsOnlyInToto(await source.manifest(descriptor))) continue;
    if (platforms.some(({ descriptor: { digest } }) => digest === descriptor.digest)) continue;
    platforms.push({
      platform: platformName(descriptor.platform),
      descriptor,
      image: await child(source, descriptor),
    });
  }
  return platforms.length === 0
    ? failed('its index names attestations only')
    : ok({ kind: 'index', platforms });
}

/** Of an index, one that cannot be scanned does not keep the others from being looked at. */
async function child(source: ImageSource, descriptor: Descriptor): Promise<Result<PlatformImage, string>> {
  try {
    const manifest = readManifest(await source.manifest(descriptor), descriptor.mediaType);
    if (manifest.kind === 'unscannable') return failed(manifest.why);
    if (manifest.kind !== 'image') return failed('the index names it as an image, but it is none');
    const image = platformImage(descriptor, manifest);
    return image.ok ? ok({ ...image.value, platform: platformName(descriptor.platform) }) : image;
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function platformImage(
  descriptor: FoundDescriptor,
  { config, layers }: Extract<Manifest, { kind: 'image' }>,
): Result<PlatformImage, string> {
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  return size > Limit.imageBytes
    ? failed(`it has ${size} bytes, allowed: ${Limit.imageBytes}`)
    : ok({ descriptor, config, layers });
}

/** `linux/arm64/v8` */
export function platformName(platform: Descriptor['platform']): string {
  const parts = [
    platform?.os || 'unknown',
    platform?.architecture || 'unknown',
    platform?.variant || undefined,
  ];
  return plainText(parts.filter(part => part !== undefined).join('/'), 60);
}
