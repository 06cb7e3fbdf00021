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
import { refuseHost } from './check-repository-name';
import { A_KEY, KEY, REMOVAL_POLICY } from '../properties/kinds';
import { checkProperties, optional, type Properties } from '../properties/properties';

/**
 * The tags of cosign for signatures, attestations and SBOMs. Each has its own lifecycle rule, because an
 * image matches a list of patterns in one rule only if it matches all of them.
 */
const COSIGN_TAGS = ['sha256-*.sig', 'sha256-*.att', 'sha256-*.sbom'];
/**
 * A lifecycle rule of ECR cannot keep all images: it names the number of images that it keeps. This number is
 * never reached.
 */
const KEEP_ALL = 100_000;

/**
 * Properties of a trusted repository.
 */
export interface TrustedRepositoryProps {
  /**
   * The name of the repository.
   *
   * @default - chosen by CloudFormation. Enrol such a repository by tag or by name, not by prefix
   */
  readonly repositoryName?: string;

  /**
   * The key that encrypts the images.
   *
   * @default - the AWS managed key of Amazon ECR (KMS, `aws/ecr`)
   */
  readonly encryptionKey?: IKey;

  /**
   * The time after which an image without a tag is deleted.
   *
   * Signatures and attestations for cosign 3 have no tag, and AWS does not say whether such a rule spares
   * what refers to an image. A renewal writes a bundle and a signature again if it finds that one was
   * deleted; until then cosign 3 finds only the classic signature. Gates are not affected.
   *
   * @default - images without a tag are kept
   */
  readonly untaggedExpiry?: Duration;

  /**
   * What happens to the repository when it is removed from the stack. DESTROY deletes its images too. With
   * RETAIN, a repository with a name stays even if its creation is rolled back, and then its name is taken.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

const TRUSTED_REPOSITORY: Properties<TrustedRepositoryProps> = {
  repositoryName: optional(),
  encryptionKey: optional(KEY, A_KEY),
  untaggedExpiry: optional(Duration, 'a Duration of whole days, for example Duration.days(14)'),
  removalPolicy: REMOVAL_POLICY,
};

/**
 * A hardened ECR repository: tags cannot be moved, and lifecycle rules never delete a signature.
 *
 * It only adds the repository. Enrol it with a `RepositorySelector`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export class TrustedRepository extends Construct {
  /** The repository. */
  public readonly repository: IRepository;

  constructor(scope: Construct, id: string, props: TrustedRepositoryProps = {}) {
    super(scope, id);
    checkProperties('TrustedRepositoryProps', props, TRUSTED_REPOSITORY);
    const { repositoryName = '' } = props;
    refuseHost(`the repository name ${JSON.stringify(repositoryName)}`, repositoryName);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
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
    if (props.untaggedExpiry !== undefined) {
      repository.addLifecycleRule({
        description: 'drop images without a tag',
        tagStatus: TagStatus.UNTAGGED,
        maxImageAge: props.untaggedExpiry,
      });
    }
    this.repository = repository;
  }
}
