import { digestOf } from '../../src/core/text/sha256';

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  /** Named by the manifest, but not uploaded. */
  readonly withheld?: boolean;
}

/** A manifest or an index, and all that has to be in the registry before it. */
export interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly blobs: readonly Blob[];
  readonly children: readonly Content[];
}

export function describe(bytes: Buffer, mediaType: string, more: Partial<Descriptor> = {}): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length, ...more };
}

export function blob(bytes: Buffer, mediaType: string, more: Partial<Descriptor> = {}): Blob {
  return { descriptor: describe(bytes, mediaType, more), bytes };
}

/** JSON with a stable key order is left to the caller: the order written is the order given. */
export function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
