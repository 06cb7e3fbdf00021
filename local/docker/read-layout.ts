import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Digest } from '../../src/core/image/image';
import { parseJson } from '../../src/core/text/json';
import { digestOf } from '../../src/core/text/sha256';
import { Blob, Content, Descriptor } from '../images/content';
import { MEDIA_TYPES } from '../images/media-types';

const INDEXES: readonly string[] = [MEDIA_TYPES.oci.index, MEDIA_TYPES.docker.index];
const MANIFESTS: readonly string[] = [MEDIA_TYPES.oci.manifest, MEDIA_TYPES.docker.manifest];

const DescriptorSchema = z.object({ mediaType: z.string(), digest: Digest, size: z.int().nonnegative() });
const Index = z.object({ manifests: z.array(DescriptorSchema) });
const Manifest = z.object({ config: DescriptorSchema, layers: z.array(DescriptorSchema) });

/**
 * The one image or index of a layout, byte for byte as it was written.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function readLayout(folder: string): Promise<Content> {
  const file = join(folder, 'index.json');
  const { manifests } = parse(Index, await readFile(file), file);
  if (manifests.length !== 1) {
    throw new Error(
      `${file} names ${manifests.length} images, allowed: 1; write a layout of its own for each image`,
    );
  }
  return readContent(folder, manifests[0]);
}

export async function readContent(folder: string, descriptor: Descriptor): Promise<Content> {
  const { bytes } = await readBlob(folder, descriptor);
  if (INDEXES.includes(descriptor.mediaType)) {
    const { manifests } = parse(Index, bytes, descriptor.digest);
    return {
      descriptor,
      bytes,
      blobs: [],
      children: await Promise.all(manifests.map(child => readContent(folder, child))),
    };
  }
  if (MANIFESTS.includes(descriptor.mediaType)) {
    const { config, layers } = parse(Manifest, bytes, descriptor.digest);
    return {
      descriptor,
      bytes,
      blobs: await Promise.all([config, ...layers].map(blob => readBlob(folder, blob))),
      children: [],
    };
  }
  throw new Error(
    `${descriptor.digest} in ${folder} has the media type ${JSON.stringify(descriptor.mediaType)}, allowed: ${[...INDEXES, ...MANIFESTS].join(', ')}`,
  );
}

/** A registry would refuse wrong bytes too, but could not name their file. */
async function readBlob(folder: string, descriptor: Descriptor): Promise<Blob> {
  const file = blobFile(folder, descriptor.digest);
  const bytes = await readFile(file);
  const digest = digestOf(bytes);
  if (digest === descriptor.digest && bytes.length === descriptor.size) return { descriptor, bytes };
  throw new Error(
    `${file} has ${bytes.length} bytes with the digest ${digest}, expected ${descriptor.size} with ${descriptor.digest}; write the layout anew`,
  );
}

export function blobFile(folder: string, digest: string): string {
  return join(folder, 'blobs', ...digest.split(':'));
}

function parse<T>(schema: z.ZodType<T>, bytes: Buffer, name: string): T {
  const read = schema.safeParse(parseJson(bytes.toString()));
  if (read.success) return read.data;
  const reasons = read.error.issues.map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`);
  throw new Error(
    `${name} is not as OCI's image specification has it (${reasons.join('; ')}); write the layout anew`,
  );
}
