import { Blob, blob, Content, describe, Descriptor, json, Platform } from './content';
import { gzip } from './gzip';
import { Layer } from './layer';
import { MEDIA_TYPES, MediaTypeFamily } from './media-types';
import { digestOf } from '../../src/core/text/sha256';

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md */
export interface ContainerConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Healthcheck?: { readonly Test: readonly string[]; readonly Interval?: number };
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface HistoryEntry {
  readonly created_by: string;
  readonly empty_layer?: boolean;
}

/** A layer that is not made of files: bytes as given, or a descriptor that lies. */
export interface RawLayer {
  readonly bytes: Buffer;
  readonly diffId: string;
  readonly mediaType?: string;
  readonly urls?: readonly string[];
  readonly withheld?: boolean;
}

export interface ImageOptions {
  readonly layers: readonly (Layer | RawLayer)[];
  readonly config?: ContainerConfig;
  readonly history?: readonly HistoryEntry[];
  readonly platform?: Platform;
  readonly mediaTypes?: MediaTypeFamily;
  /** The `diff_id`s that the config states. @default - the true ones */
  readonly diffIds?: readonly string[];
}

const LINUX_AMD64: Platform = { os: 'linux', architecture: 'amd64' };
const CREATED = '2026-01-01T00:00:00Z';

export async function buildImage(options: ImageOptions): Promise<Content> {
  const types = MEDIA_TYPES[options.mediaTypes ?? 'oci'];
  const platform = options.platform ?? LINUX_AMD64;
  const layers = await Promise.all(
    options.layers.map(layer => (layer instanceof Layer ? packLayer(layer) : layer)),
  );
  const blobs = layers.map((layer): Blob => ({
    ...blob(layer.bytes, layer.mediaType ?? types.layer, layer.urls && { urls: layer.urls }),
    withheld: layer.withheld,
  }));
  const history = options.history ?? layers.map((_, at) => ({ created_by: `layer ${at}` }));
  const config = blob(
    json({
      ...platform,
      created: CREATED,
      config: options.config ?? {},
      rootfs: { type: 'layers', diff_ids: options.diffIds ?? layers.map(layer => layer.diffId) },
      history: history.map(entry => ({ created: CREATED, ...entry })),
    }),
    types.config,
  );
  return buildManifest(types.manifest, config, blobs, { platform });
}

/** The gzipped tar of a layer, with the digest that it unpacks to. */
export async function packLayer(layer: Layer): Promise<RawLayer> {
  const tar = await layer.tar();
  return { bytes: gzip(tar), diffId: digestOf(tar) };
}

export function buildManifest(
  mediaType: string,
  config: Blob,
  layers: readonly Blob[],
  more: Partial<Descriptor> = {},
): Content {
  const bytes = json({
    schemaVersion: 2,
    mediaType,
    ...(more.artifactType && { artifactType: more.artifactType }),
    config: config.descriptor,
    layers: layers.map(layer => layer.descriptor),
  });
  return { descriptor: describe(bytes, mediaType, more), bytes, blobs: [config, ...layers], children: [] };
}
