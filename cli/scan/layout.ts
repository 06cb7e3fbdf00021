import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { FoundDescriptor, ImageSource } from './image-source';
import { openRegular, readRegular } from './regular-file';
import { Digest } from '../../src/core/image';
import { parseUnambiguousJson } from '../../src/core/json';
import { Limit } from '../../src/core/limits';
import type { Descriptor } from '../../src/core/scanning/manifest';
import { CliError } from '../exit-code';
import { shown } from '../output';

const IndexFile = z.object({ manifests: z.array(z.object({ mediaType: z.string(), digest: Digest, size: z.int().nonnegative() })) });

const IN_INDEX = ['manifests', 'mediaType', 'digest', 'size'];

/**
 * An image in a folder, as buildx, crane, skopeo and docker save write it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export class LayoutSource implements ImageSource {
  public static async open(folder: string, title: string): Promise<LayoutSource> {
    const bytes = await readRegular(join(folder, 'index.json'), Limit.manifestBytes);
    if (bytes === undefined) throw new CliError(`${title} is no OCI layout: it has no index.json that can be read; write one, for example with docker buildx build --output type=oci,tar=false,dest=image .`);
    const index = IndexFile.safeParse(bytes === 'too large' ? undefined : parseUnambiguousJson(bytes.toString('utf8'), IN_INDEX));
    if (!index.success) throw new CliError(`${title} is no OCI layout: its index.json cannot be read, or can be read in more than one way; write it anew`);
    const named = new Map(index.data.manifests.map(each => [JSON.stringify(each), each])); // an image of two tags is named twice
    const [top, ...more] = named.values();
    if (top === undefined || more.length > 0) throw new CliError(`${title} names ${named.size} images, allowed: 1; write a layout of its own for each`);
    return new LayoutSource(folder, top);
  }

  private constructor(private readonly folder: string, public readonly top: FoundDescriptor) {}

  public async manifest({ digest, size }: FoundDescriptor): Promise<string> {
    return this.text(digest, size, Limit.manifestBytes, 'manifest');
  }

  public async config({ digest, size }: Descriptor): Promise<string> {
    return this.text(digest, size, Limit.configBytes, 'config');
  }

  /** Every layer is there, and is what the manifest says: else Trivy would look at something else than what a registry would take. */
  public async whyIncomplete(layers: readonly Descriptor[]): Promise<string | undefined> {
    for (const { digest, size } of layers) {
      const found = await openRegular(this.blob(digest));
      if (found === undefined) return `its layer ${digest} is not there, or is no file`;
      const isWhole = found.size === size && await digestOf(found.file) === digest;
      await found.file.close();
      if (!isWhole) return `its layer ${digest} has ${found.size} bytes that are not those of its digest (expected ${size} bytes)`;
    }
    return undefined;
  }

  /** A layout of that image alone, over the same blobs: Trivy takes the first image of a layout that it likes. */
  public async nameFor(digest: string, { mediaType, size }: FoundDescriptor, scratch: string): Promise<{ input: string }> {
    const folder = join(scratch, digest.replace(':', '-'));
    await mkdir(folder);
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size }] }));
    await symlink(resolve(this.folder, 'blobs'), join(folder, 'blobs'), 'junction');
    return { input: folder };
  }

  private async text(digest: string, size: number, max: number, what: string): Promise<string> {
    if (size > max) throw new CliError(`its ${what} ${digest} has ${size} bytes, allowed: ${max}`);
    const bytes = await readRegular(this.blob(digest), size);
    if (bytes === undefined) throw new CliError(`its ${what} ${digest} is not there; write the layout anew, with all of its platforms`);
    if (bytes === 'too large' || bytes.length !== size || `sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) throw new CliError(`its ${what} ${digest} is not what its digest says; write the layout anew`);
    return bytes.toString('utf8');
  }

  private blob(digest: string): string {
    return join(this.folder, 'blobs', ...digest.split(':')); // a digest was checked: it leads to no other folder
  }
}

async function digestOf(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(file.createReadStream({ highWaterMark: 1024 * 1024, start: 0, autoClose: false }), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** What people call it on the command line. */
export function titleOf(path: string): string {
  return JSON.stringify(shown(path, 120));
}
