import { artifactTypeOf, parseManifest } from './manifest';
import { RepositoryStore } from './repository-store';

export interface Referrer {
  readonly mediaType: string | undefined;
  readonly digest: string;
  readonly size: number;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** The manifests whose `subject` has the given digest. */
export async function findReferrers(
  store: RepositoryStore,
  repository: string,
  subject: string,
  artifactTypes: readonly string[] = [],
): Promise<Referrer[]> {
  const images = await store.manifests(repository);
  return images.flatMap(image => {
    const manifest = parseManifest(image.imageManifest ?? '');
    if (manifest?.subject?.digest !== subject) return [];
    const artifactType = artifactTypeOf(manifest);
    if (artifactTypes.length > 0 && !artifactTypes.includes(artifactType ?? '')) return [];
    return [
      {
        mediaType: image.imageManifestMediaType,
        digest: image.imageId!.imageDigest!,
        size: Buffer.byteLength(image.imageManifest!),
        artifactType,
        annotations: manifest.annotations,
      },
    ];
  });
}
