import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namedManifest, repositoryReader, type RepositoryReader } from './repository-reader';
import type { ImageReference } from '../../src/core/image/image-reference';
import { Limit } from '../../src/core/limits';
import { AtOnce } from '../../src/core/times';
import type { Caller } from '../caller';
import { inParallel } from '../in-parallel';
import type { FoundDescriptor, ImageParts, ImageSource } from '../oci/image-source';
import { saveBlob } from '../oci/save-blob';

/** An image in a registry. After the first manifest, everything is read by its digest, and hashed. */
export class RegistrySource implements ImageSource {
  public static async open(reference: ImageReference, caller: Caller): Promise<RegistrySource> {
    const reader = await repositoryReader(reference, caller);
    const { text, mediaType, digest } = await namedManifest(reference, reader);
    return new RegistrySource(reader, { mediaType, digest, size: Buffer.byteLength(text) }, text);
  }

  private constructor(
    private readonly reader: RepositoryReader,
    public readonly top: FoundDescriptor,
    private readonly topText: string,
  ) {}

  public async manifest({ digest }: FoundDescriptor): Promise<string> {
    return digest === this.top.digest
      ? this.topText
      : (await this.reader.manifest(digest, Limit.manifestBytes)).text;
  }

  /** Pulls only what was not pulled before: images of an index share layers. */
  public async layoutOf({ descriptor, config, layers }: ImageParts, scratch: string): Promise<string> {
    const layout = join(scratch, 'pulled');
    const file = (digest: string) => join(layout, 'blobs', ...digest.split(':'));
    await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
    await writeFile(file(descriptor.digest), await this.manifest(descriptor));
    const missing = new Map(
      [config, ...layers].filter(({ digest }) => !existsSync(file(digest))).map(blob => [blob.digest, blob]),
    );
    await inParallel(AtOnce.registry, [...missing.values()], ({ digest, size }) =>
      saveBlob(digest, size, file(digest), signal => this.reader.blob(digest, signal)),
    );
    return layout;
  }
}
