import { Stack, Token } from 'aws-cdk-lib';
import { ImagePullPrincipalType } from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Grant, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { CachedRepository } from './cached-repository';
import type { IPullThroughCache } from './pull-through-cache';

/** The published index of Trivy 0.74.0. It is pinned only here. */
const TRIVY_INDEX = 'sha256:62b1e65e8869bc4b4c6aa4fa2b21595256c7c2f6018a9d9ad61caf87187c1969';
/** Its tag: a cache imports an image that is not in it by its tag only. */
const TRIVY_TAG = '0.74.0';
const PINNED = /@sha256:[0-9a-f]{64}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

interface ImageSource {
  readonly digest: string;
  readonly imageId: (scope: IConstruct) => string;
  /** Undefined for a registry that asks for no rights. */
  readonly grantPull?: (role: Role) => Grant;
  readonly cached?: CachedRepository;
}

/**
 * The container image that Trivy runs in. It is always pinned by digest: in March 2026, tags of Trivy's own
 * images were overwritten.
 *
 * @see https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
 */
export class ScannerImage {
  /** Trivy 0.74.0 from Amazon ECR Public: the version that this library was tested with. */
  public static trivy(): ScannerImage {
    return ScannerImage.fromRegistry(`public.ecr.aws/aquasecurity/trivy@${TRIVY_INDEX}`);
  }

  /**
   * An image in any registry.
   *
   * @param image for example `registry.example.com/trivy@sha256:<64 hex>`. Throws if it is not pinned by
   * digest.
   */
  public static fromRegistry(image: string): ScannerImage {
    if (Token.isUnresolved(image) || !PINNED.test(image)) {
      throw new Error(
        `the scanner image ${JSON.stringify(image)} is not pinned by digest, allowed: <registry>/<repository>@sha256:<64 hex>; look the digest up with "crane digest"`,
      );
    }
    return new ScannerImage({ digest: image.split('@')[1]!, imageId: () => image });
  }

  /**
   * Trivy's image in a pull-through cache of Amazon ECR Public. Recommended for production, because the
   * public registry throttles builds.
   *
   * Builds pull it by digest. Reconcile pulls it by tag once an hour and after the first deployment, because
   * Amazon ECR may not import an image by digest only. Until then builds fail with the cause
   * `SCANNER_IMAGE_UNAVAILABLE`, and are retried.
   *
   * @param cache the cache; the scan role may pull through it
   * @param digest `sha256:<64 hex>`, by default the index of Trivy 0.74.0. Throws if it is anything else. On
   * Lambda compute it must be the digest of the image for linux/amd64, and not of an index.
   * @param tag the tag of that image or of its index, by default `0.74.0`
   */
  public static fromPullThroughCache(cache: IPullThroughCache, digest?: string, tag?: string): ScannerImage {
    const pinned = checkedDigest(digest ?? TRIVY_INDEX);
    const repository = new CachedRepository(cache, 'aquasecurity/trivy', tag ?? TRIVY_TAG);
    return new ScannerImage({
      digest: pinned,
      imageId: scope => {
        const { account, region, urlSuffix } = Stack.of(scope);
        return `${account}.dkr.ecr.${region}.${urlSuffix}/${repository.name}@${pinned}`;
      },
      grantPull: role => repository.grantPull(role),
      cached: repository,
    });
  }

  /**
   * A mirror of the image in Amazon ECR.
   *
   * @param repository the repository of the mirror; the scan role is allowed to pull from it
   * @param digest `sha256:<64 hex>`. Throws if it is anything else. On Lambda compute it must be the digest
   * of the image for linux/amd64, and not of an index.
   */
  public static fromEcrRepository(repository: IRepository, digest: string): ScannerImage {
    const pinned = checkedDigest(digest);
    return new ScannerImage({
      digest: pinned,
      imageId: () => repository.repositoryUriForDigest(pinned),
      grantPull: role => repository.grantPull(role),
    });
  }

  private constructor(private readonly source: ImageSource) {}

  /** Whether it is known to be an index. Of other digests the synthesis cannot know it. @internal */
  public get _isIndex(): boolean {
    return this.source.digest === TRIVY_INDEX;
  }

  /** What of it is in a pull-through cache. @internal */
  public get _cached(): CachedRepository[] {
    return this.source.cached === undefined ? [] : [this.source.cached];
  }

  /** @internal */
  public get _isInEcr(): boolean {
    return this.source.grantPull !== undefined;
  }

  /** @internal */
  public _bind(puller: Role): { readonly imageId: string; readonly pull: ImagePullPrincipalType } {
    this.source.grantPull?.(puller);
    return { imageId: this.source.imageId(puller), pull: ImagePullPrincipalType.SERVICE_ROLE };
  }
}

function checkedDigest(digest: string): string {
  if (!Token.isUnresolved(digest) && DIGEST.test(digest)) return digest;
  throw new Error(
    `the digest ${JSON.stringify(digest)} of the scanner image is not a digest, allowed: sha256:<64 hex>`,
  );
}
