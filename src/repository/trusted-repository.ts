import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  ImageTagMutabilityExclusionFilter,
  Repository,
  RepositoryEncryption,
  TagMutability,
  TagStatus,
  type IRepository,
} from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * cosign's tags for signatures, attestations and SBOMs. Each has a lifecycle rule of its own: a list of
 * patterns in one rule means "all of them".
 */
const COSIGN_TAGS = ['sha256-*.sig', 'sha256-*.att', 'sha256-*.sbom'];
/**
 * ECR takes 1 as the least number of images that a rule may keep, and has no rule that only keeps: this many
 * is never reached.
 */
const KEEP_ALL = 100_000;

/**
 * Properties of a trusted repository.
 */
export interface TrustedRepositoryProps {
  /**
   * Name of the repository.
   *
   * @default - chosen by CloudFormation; then enrol it by tag or by name, not by prefix
   */
  readonly repositoryName?: string;

  /**
   * Key that the images are encrypted with.
   *
   * @default - Amazon ECR's own key for this account (KMS, `aws/ecr`)
   */
  readonly encryptionKey?: IKey;

  /**
   * After how long an image without a tag is deleted.
   *
   * @default Duration.days(30)
   */
  readonly untaggedExpiry?: Duration;

  /**
   * What becomes of the repository when it is removed from the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A hardened ECR repository: tags cannot be moved, and lifecycle rules never delete a signature.
 *
 * It adds the repository and nothing else: enrol it by `RepositorySelector`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export class TrustedRepository extends Construct {
  /** The repository. */
  public readonly repository: IRepository;

  constructor(scope: Construct, id: string, props: TrustedRepositoryProps = {}) {
    super(scope, id);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const repository = new Repository(this, 'Resource', {
      repositoryName: props.repositoryName,
      imageTagMutability: TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: COSIGN_TAGS.map(tag =>
        ImageTagMutabilityExclusionFilter.wildcard(tag),
      ),
      encryption: RepositoryEncryption.KMS,
      encryptionKey: props.encryptionKey,
      removalPolicy,
      emptyOnDelete: removalPolicy === RemovalPolicy.DESTROY,
    });
    for (const pattern of COSIGN_TAGS) {
      repository.addLifecycleRule({
        description: `keep ${pattern}`,
        tagStatus: TagStatus.TAGGED,
        tagPatternList: [pattern],
        maxImageCount: KEEP_ALL,
      });
    }
    repository.addLifecycleRule({
      description: 'drop images without a tag',
      tagStatus: TagStatus.UNTAGGED,
      maxImageAge: props.untaggedExpiry ?? Duration.days(30),
    });
    this.repository = repository;
  }
}
