import { Token } from 'aws-cdk-lib';
import { ImagePullPrincipalType } from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';

/** The published index of Trivy 0.74.0. It is pinned only here. */
const TRIVY_INDEX = 'sha256:62b1e65e8869bc4b4c6aa4fa2b21595256c7c2f6018a9d9ad61caf87187c1969';
const TRIVY = `public.ecr.aws/aquasecurity/trivy@${TRIVY_INDEX}`;
const PINNED = /@sha256:[0-9a-f]{64}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * The container image that Trivy runs in. It is always pinned by digest: in March 2026, tags of Trivy's own
 * images were overwritten.
 *
 * @see https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
 */
export class ScannerImage {
  /** Trivy 0.74.0 from Amazon ECR Public: the version that this library was tested with. */
  public static trivy(): ScannerImage {
    return new ScannerImage(TRIVY, undefined);
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
    return new ScannerImage(image, undefined);
  }

  /**
   * A mirror of the image in Amazon ECR.
   *
   * @param repository the repository of the mirror; the scan role is allowed to pull from it
   * @param digest `sha256:<64 hex>`. Throws if it is anything else. On Lambda compute it must be the digest
   * of the image for linux/amd64, and not of an index.
   */
  public static fromEcrRepository(repository: IRepository, digest: string): ScannerImage {
    if (Token.isUnresolved(digest) || !DIGEST.test(digest)) {
      throw new Error(
        `the digest ${JSON.stringify(digest)} of the scanner image is not a digest, allowed: sha256:<64 hex>`,
      );
    }
    return new ScannerImage(repository.repositoryUriForDigest(digest), repository);
  }

  private constructor(
    private readonly image: string,
    private readonly repository: IRepository | undefined,
  ) {}

  /** Whether it is known to be an index. Of other digests the synthesis cannot know it. @internal */
  public get _isIndex(): boolean {
    return this.image.endsWith(TRIVY_INDEX);
  }

  /** @internal */
  public get _isInEcr(): boolean {
    return this.repository !== undefined;
  }

  /** @internal */
  public _bind(puller: IGrantable): { readonly imageId: string; readonly pull: ImagePullPrincipalType } {
    this.repository?.grantPull(puller);
    return { imageId: this.image, pull: ImagePullPrincipalType.SERVICE_ROLE };
  }
}
