import * as z from 'zod';
import type { FoundDescriptor, ImageSource } from './image-source';
import { parseJson } from '../../src/core/json';
import { Limit } from '../../src/core/limits';
import { plainText } from '../../src/core/plain-text';
import { failed, ok, type Result } from '../../src/core/result';
import { unsearchedLayers } from '../../src/core/scanning/base-layers';
import { whyUnscannable } from '../../src/core/scanning/layers';
import { holdsOnlyInToto, looksLikeAttestation, readManifest, type Descriptor, type Manifest } from '../../src/core/scanning/manifest';

/** One image that Trivy can look at: the unit of scan and verdict (rule 4.8). */
export interface PlatformImage {
  readonly descriptor: FoundDescriptor;
  readonly platform: string;
  readonly configDigest: string;
  readonly unsearchedLayers: number;
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

/** What is to be scanned, by the same checks as a deployed dispatch makes; or why that is nothing that can be. */
export async function platformImages(source: ImageSource): Promise<Result<ImageContent, string>> {
  const { top } = source;
  const manifest = readManifest(await source.manifest(top), top.mediaType);
  switch (manifest.kind) {
    case 'attachment': return failed('it is a signature, an attestation or an SBOM, and no image');
    case 'unscannable': return failed(manifest.why);
    case 'image': {
      const image = await platformImage(source, top, manifest);
      return ok({ kind: 'image', platforms: [{ platform: image.ok ? image.value.platform : undefined, descriptor: top, image }] });
    }
    case 'index': return childrenOf(source, manifest.children);
  }
}

async function childrenOf(source: ImageSource, descriptors: readonly Descriptor[]): Promise<Result<ImageContent, string>> {
  const platforms: FoundPlatform[] = [];
  for (const descriptor of descriptors) {
    if (looksLikeAttestation(descriptor) && holdsOnlyInToto(await source.manifest(descriptor))) continue;
    if (platforms.some(({ descriptor: { digest } }) => digest === descriptor.digest)) continue;
    platforms.push({ platform: nameOf(descriptor.platform), descriptor, image: await child(source, descriptor) });
  }
  return platforms.length === 0 ? failed('its index names attestations only') : ok({ kind: 'index', platforms });
}

/** Of an index, one that cannot be scanned does not keep the others from being looked at. */
async function child(source: ImageSource, descriptor: Descriptor): Promise<Result<PlatformImage, string>> {
  try {
    const manifest = readManifest(await source.manifest(descriptor), descriptor.mediaType);
    if (manifest.kind === 'unscannable') return failed(manifest.why);
    if (manifest.kind !== 'image') return failed('the index names it as an image, but it is none');
    const image = await platformImage(source, descriptor, manifest);
    return image.ok ? ok({ ...image.value, platform: nameOf(descriptor.platform) }) : image;
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

async function platformImage(
  source: ImageSource, descriptor: FoundDescriptor, { config, layers }: Extract<Manifest, { kind: 'image' }>,
): Promise<Result<PlatformImage, string>> {
  const text = await source.config(config);
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  if (size > Limit.imageBytes) return failed(`it has ${size} bytes, allowed: ${Limit.imageBytes}`);
  const why = whyUnscannable(layers, text) ?? await source.whyIncomplete(layers);
  if (why !== undefined) return failed(why);
  const platform = nameOf(Platform.safeParse(parseJson(text)).data);
  return ok({ descriptor, platform, configDigest: config.digest, unsearchedLayers: unsearchedLayers(text) });
}

const Platform = z.object({ os: z.string().optional(), architecture: z.string().optional(), variant: z.string().optional() });

function nameOf(platform: z.infer<typeof Platform> | undefined): string {
  const parts = [platform?.os || 'unknown', platform?.architecture || 'unknown', platform?.variant || undefined];
  return plainText(parts.filter(part => part !== undefined).join('/'), 60);
}
