import { Registry } from './registry';
import type { Repository } from '../../src/core/image/image';
import type { ImageReference } from '../../src/core/image/image-reference';
import { Limit } from '../../src/core/limits';
import { UserError } from '../../src/core/user-error';
import type { FoundManifest } from '../aws/ecr-manifests';
import type { Caller } from '../caller';

/** Reads one repository, in whichever registry it is. */
export interface RepositoryReader {
  /** By a digest, nothing but the manifest of that digest. */
  manifest(tagOrDigest: string, maxBytes: number): Promise<FoundManifest>;
  /** The blob's bytes as they come, neither counted nor hashed. */
  blob(digest: string, signal: AbortSignal): Promise<Response>;
}

/** With the login that this user has: that of AWS for Amazon ECR, that of Docker for other registries. */
export async function repositoryReader(reference: ImageReference, caller: Caller): Promise<RepositoryReader> {
  return reference.ecr === undefined
    ? new Registry(reference, caller.environment)
    : ecrReader(reference.ecr, caller);
}

/** The manifest that a reference names: by its digest, or by its tag. */
export function namedManifest(
  { digest, tag = 'latest' }: ImageReference,
  reader: RepositoryReader,
): Promise<FoundManifest> {
  return reader.manifest(digest ?? tag, Limit.manifestBytes);
}

/** The SDK is loaded only where it is needed: that takes a quarter of a second. */
async function ecrReader(repository: Repository, caller: Caller): Promise<RepositoryReader> {
  const [{ ECRClient }, { EcrRegistry }, { clientOptions }, { asking }] = await Promise.all([
    import('@aws-sdk/client-ecr'),
    import('../aws/ecr-registry.js'),
    import('../aws/client-options.js'),
    import('../aws/aws-error.js'),
  ]);
  const registry = new EcrRegistry(repository, new ECRClient(clientOptions(caller, repository.region)));
  return {
    manifest: async (name, maxBytes) => {
      const id = name.startsWith('sha256:') ? { imageDigest: name } : { imageTag: name };
      const found = await asking(() => registry.find(id, maxBytes));
      if (found !== undefined) return found;
      throw new UserError(
        `the repository ${repository.repository} has no image ${name}: push it, or check the account and the region`,
      );
    },
    blob: (digest, signal) => asking(() => registry.open(digest, signal)),
  };
}
