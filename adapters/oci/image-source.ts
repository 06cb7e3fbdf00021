import type { Descriptor } from '../../src/core/image/manifest';

export interface FoundDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** What an image consists of, by its manifest. */
export interface ImageParts {
  readonly descriptor: FoundDescriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Where an image lies. Manifests are what their digests say, or it throws what is wrong. */
export interface ImageSource {
  readonly top: FoundDescriptor;
  manifest(descriptor: FoundDescriptor): Promise<string>;
  /**
   * A folder with the blobs of the image, as an OCI layout has them. Nobody has looked into them yet: the
   * reader of images hashes what it reads.
   */
  layoutOf(image: ImageParts, scratch: string): Promise<string>;
}
