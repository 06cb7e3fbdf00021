import { join } from 'node:path';
import * as z from 'zod';
import type { FoundDescriptor, ImageSource } from './image-source';
import { readRegular } from './regular-file';
import { Digest } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { parseUnambiguousJson } from '../../src/core/text/json';
import { quoted } from '../../src/core/text/plain-text';
import { digestOf } from '../../src/core/text/sha256';
import { UserError } from '../../src/core/user-error';

const IndexFile = z.object({
  manifests: z.array(z.object({ mediaType: z.string(), digest: Digest, size: z.int().nonnegative() })),
});

const IN_INDEX = ['manifests', 'mediaType', 'digest', 'size'];

/**
 * An image in a folder, as buildx, crane, skopeo and docker save write it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export class LayoutSource implements ImageSource {
  public static async open(folder: string, title: string): Promise<LayoutSource> {
    const bytes = await readRegular(join(folder, 'index.json'), Limit.manifestBytes);
    if (bytes === undefined) {
      throw new UserError(
        `${title} is no OCI layout: it has no index.json that can be read; write one, for example with docker buildx build --output type=oci,tar=false,dest=image .`,
      );
    }
    const index = IndexFile.safeParse(
      bytes === 'too large' ? undefined : parseUnambiguousJson(bytes.toString('utf8'), IN_INDEX),
    );
    if (!index.success) {
      throw new UserError(
        `${title} is no OCI layout: its index.json cannot be read, or can be read in more than one way; write it anew`,
      );
    }
    // an image of two tags is named twice
    const named = new Map(index.data.manifests.map(each => [JSON.stringify(each), each]));
    const [top, ...more] = named.values();
    if (top === undefined || more.length > 0) {
      throw new UserError(
        `${title} names ${named.size} images, allowed: 1; write a layout of its own for each`,
      );
    }
    return new LayoutSource(folder, top);
  }

  private constructor(
    private readonly folder: string,
    public readonly top: FoundDescriptor,
  ) {}

  public async manifest({ digest, size }: FoundDescriptor): Promise<string> {
    return this.text(digest, size, Limit.manifestBytes, 'manifest');
  }

  public async layoutOf(): Promise<string> {
    return this.folder;
  }

  private async text(digest: string, size: number, max: number, what: string): Promise<string> {
    if (size > max) throw new UserError(`its ${what} ${digest} has ${size} bytes, allowed: ${max}`);
    const bytes = await readRegular(this.blob(digest), size);
    if (bytes === undefined) {
      throw new UserError(
        `its ${what} ${digest} is not there; write the layout anew, with all of its platforms`,
      );
    }
    if (bytes === 'too large' || bytes.length !== size || digestOf(bytes) !== digest) {
      throw new UserError(`its ${what} ${digest} is not what its digest says; write the layout anew`);
    }
    return bytes.toString('utf8');
  }

  private blob(digest: string): string {
    // a digest was checked: it leads to no other folder
    return join(this.folder, 'blobs', ...digest.split(':'));
  }
}

/** What people call it on the command line. */
export function titleOf(path: string): string {
  return quoted(path, 120);
}
