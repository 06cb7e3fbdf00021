import { CustomResource, Fn, Stack, Token } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, type DockerImageAssetOptions } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Enforcement } from './enforcement';
import { AN_IMAGE_TRUST, IMAGE_TRUST, type IImageTrust } from './i-image-trust';
import { TrustedImageProvider } from './trusted-image-provider';
import { warnIfUnused } from './unused-image';
import { A_REPOSITORY, REPOSITORY } from '../properties/kinds';
import { checkProperties, optional, required, type Properties } from '../properties/properties';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Options of every trusted image.
 */
export interface TrustedImageOptions {
  /** The image trust that decides whether the image may run. */
  readonly trust: IImageTrust;

  /**
   * What happens to the deployment if the image is not trusted.
   *
   * @default Enforcement.refuse()
   */
  readonly enforcement?: Enforcement;
}

const TRUSTED_IMAGE: Properties<TrustedImageOptions> = {
  trust: required(IMAGE_TRUST, AN_IMAGE_TRUST),
  enforcement: optional(Enforcement, 'an Enforcement'),
};

/**
 * Properties of a trusted image that is built from a directory.
 */
export interface TrustedImageFromAssetProps extends TrustedImageOptions, DockerImageAssetOptions {
  /** The directory that contains the Dockerfile. */
  readonly directory: string;
}

/**
 * Properties of a trusted image in a repository, by its tag.
 */
export interface TrustedImageFromTagProps extends TrustedImageOptions {
  /** The repository, in the account and region of the trust. */
  readonly repository: IRepository;

  /**
   * The tag, up to 128 characters. It is resolved once, when the resource is deployed. If the tag is moved
   * later, nothing changes until the resource changes.
   */
  readonly tag: string;
}

const FROM_ASSET: Properties<Pick<TrustedImageFromAssetProps, 'trust' | 'enforcement' | 'directory'>> = {
  ...TRUSTED_IMAGE,
  directory: required(),
};

const FROM_TAG: Properties<TrustedImageFromTagProps> = {
  ...TRUSTED_IMAGE,
  repository: required(REPOSITORY, A_REPOSITORY),
  tag: required(),
};

/**
 * Properties of a trusted image in a repository, by its digest.
 */
export interface TrustedImageFromDigestProps extends TrustedImageOptions {
  /** The repository, in the account and region of the trust. */
  readonly repository: IRepository;

  /** The digest: `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
}

const FROM_DIGEST: Properties<TrustedImageFromDigestProps> = {
  ...TRUSTED_IMAGE,
  repository: required(REPOSITORY, A_REPOSITORY),
  digest: required(),
};

interface Located {
  readonly repository: IRepository;
  readonly reference: { readonly Tag: string } | { readonly Digest: string };
}

/**
 * An image that is deployed only if it is trusted. The deployment requests a scan, waits up to 55 minutes
 * until the image is trusted, and fails with the reasons if it is not. Services and functions get the digest
 * that was judged.
 *
 * Deletion always succeeds, and so does a rollback to an image that was admitted here before: it may run
 * again, and the team is notified if it is no longer trusted. A rollback to another image is judged.
 */
export class TrustedImage extends Construct {
  /**
   * An image that CDK builds and publishes to the asset repository of the bootstrap stack. Other images in
   * that repository are not affected.
   */
  public static fromAsset(scope: Construct, id: string, props: TrustedImageFromAssetProps): TrustedImage {
    checkProperties('TrustedImageFromAssetProps', props, FROM_ASSET, true);
    const { trust, enforcement, ...asset } = props;
    return new TrustedImage(scope, id, { trust, enforcement }, owner => {
      const image = new DockerImageAsset(owner, 'Asset', asset);
      return { repository: image.repository, reference: { Tag: image.imageTag } };
    });
  }

  /**
   * The image that a tag names when the stack is deployed. Throws if the value is not a tag.
   */
  public static fromTag(scope: Construct, id: string, props: TrustedImageFromTagProps): TrustedImage {
    checkProperties('TrustedImageFromTagProps', props, FROM_TAG);
    const { repository, tag } = props;
    if (!Token.isUnresolved(tag) && !TAG.test(tag)) {
      throw new Error(
        `the tag ${JSON.stringify(tag)} is not a tag, allowed: up to 128 letters, digits and "_ . -"; for a digest use TrustedImage.fromDigest()`,
      );
    }
    return new TrustedImage(scope, id, props, () => ({ repository, reference: { Tag: tag } }));
  }

  /**
   * The image with a digest. Throws if the value is not a digest.
   */
  public static fromDigest(scope: Construct, id: string, props: TrustedImageFromDigestProps): TrustedImage {
    checkProperties('TrustedImageFromDigestProps', props, FROM_DIGEST);
    const { repository, digest } = props;
    if (!Token.isUnresolved(digest) && !DIGEST.test(digest)) {
      throw new Error(
        `the digest ${JSON.stringify(digest)} is not a digest, allowed: sha256:<64 hex>; for a tag use TrustedImage.fromTag()`,
      );
    }
    return new TrustedImage(scope, id, props, () => ({ repository, reference: { Digest: digest } }));
  }

  /**
   * The digest that was judged: `sha256:` and a token, because it is known only at deployment. Classes of CDK
   * that take a tag or a digest take it, for example `DockerImageCode.fromEcr()` as its `tagOrDigest`.
   */
  public readonly digest: string;

  /** The URI of the image: `<registry>/<repository>@<digest>`. */
  public readonly imageUri: string;

  /** The repository of the image. */
  public readonly repository: IRepository;

  private constructor(
    scope: Construct,
    id: string,
    options: TrustedImageOptions,
    locate: (owner: Construct) => Located,
  ) {
    super(scope, id);
    const { repository, reference } = locate(this);
    this.repository = repository;
    options.trust._admit(this, repository);
    const provider = TrustedImageProvider.of(Stack.of(this), options.trust);
    provider.admit(repository);
    const resource = new CustomResource(this, `Trust${TrustedImageProvider.key(options.trust)}`, {
      resourceType: 'Custom::TrustedImage',
      serviceToken: provider.serviceToken,
      serviceTimeout: provider.serviceTimeout,
      properties: {
        Account: repository.env.account,
        Region: repository.env.region,
        Repository: repository.repositoryName,
        ...reference,
        Enforcement: (options.enforcement ?? Enforcement.refuse())._mode(),
        ...provider.properties,
      },
    });
    const hex = Fn.select(1, Fn.split(':', resource.getAttString('Digest')));
    // CDK's classes take for a digest what begins like one, and for a tag any other token
    this.digest = `sha256:${warnIfUnused(this, hex)}`;
    this.imageUri = repository.repositoryUriForDigest(this.digest);
  }

  /** The image for a container in Amazon ECS. The execution role of its task definition may pull it. */
  public toEcsImage(): ContainerImage {
    return ContainerImage.fromEcrRepository(this.repository, this.digest);
  }

  /**
   * The code for a `lambda.Function` with `Runtime.FROM_IMAGE` and `Handler.FROM_IMAGE`. For a
   * `DockerImageFunction`, pass `digest` to `DockerImageCode.fromEcr()`.
   */
  public toLambdaCode(): Code {
    return Code.fromEcrImage(this.repository, { tagOrDigest: this.digest });
  }
}
