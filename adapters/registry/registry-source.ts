import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Registry } from './registry';
import type { Repository } from '../../src/core/image/image';
import type { ImageReference } from '../../src/core/image/image-reference';
import { Limit } from '../../src/core/limits';
import { digestOf } from '../../src/core/text/sha256';
import { AtOnce } from '../../src/core/times';
import { UserError } from '../../src/core/user-error';
import type { Caller } from '../caller';
import { inParallel } from '../in-parallel';
import type { FoundDescriptor, ImageParts, ImageSource } from '../oci/image-source';
import { saveBlob } from '../oci/save-blob';

interface Reader {
  manifest(tagOrDigest: string, maxBytes: number): Promise<{ text: string; mediaType: string }>;
  blob(digest: string, signal: AbortSignal): Promise<Response>;
}

/**
 * An image in a registry. Everything but the first question is asked by digest, and what is answered is
 * hashed.
 */
export class RegistrySource implements ImageSource {
  public static async open(reference: ImageReference, caller: Caller): Promise<RegistrySource> {
    const reader =
      reference.ecr === undefined
        ? new Registry(reference, caller.environment)
        : await ecrReader(reference.ecr, caller);
    const { text, mediaType } = await reader.manifest(
      reference.digest ?? reference.tag ?? 'latest',
      Limit.manifestBytes,
    );
    const digest = digestOf(text);
    if (reference.digest !== undefined && reference.digest !== digest) {
      throw new UserError(
        `the registry answered another manifest than ${reference.digest}: look who stands between it and this machine`,
      );
    }
    return new RegistrySource(reader, { mediaType, digest, size: Buffer.byteLength(text) }, text);
  }

  private constructor(
    private readonly reader: Reader,
    public readonly top: FoundDescriptor,
    private readonly topText: string,
  ) {}

  public async manifest({ digest }: FoundDescriptor): Promise<string> {
    return digest === this.top.digest
      ? this.topText
      : checked(digest, (await this.reader.manifest(digest, Limit.manifestBytes)).text);
  }

  /** Pulls what is not there yet: images of an index share layers. */
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

function checked(digest: string, text: string): string {
  if (digestOf(text) === digest) return text;
  throw new UserError(
    `the registry answered something else than ${digest}: look who stands between it and this machine`,
  );
}

async function ecrReader(repository: Repository, caller: Caller): Promise<Reader> {
  const [{ ECRClient }, { EcrRegistry }, { clientOptions }, { asking }] = await Promise.all([
    import('@aws-sdk/client-ecr'),
    import('../aws/ecr-registry.js'),
    import('../aws/client-options.js'),
    import('../aws/aws-error.js'),
  ]);
  const registry = new EcrRegistry(repository, new ECRClient(clientOptions(caller, repository.region)));
  return {
    manifest: async (name, maxBytes) => {
      const found = await asking(() =>
        registry.find(name.startsWith('sha256:') ? { imageDigest: name } : { imageTag: name }, maxBytes),
      );
      if (found === undefined) {
        throw new UserError(
          `the repository ${repository.repository} has no image ${name}: push it, and look at account and region`,
        );
      }
      return found;
    },
    blob: (digest, signal) => asking(() => registry.open(digest, signal)),
  };
}
