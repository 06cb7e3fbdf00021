import { Annotations, CustomResource, Fn, Stack, Token } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, type DockerImageAssetOptions } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Enforcement } from './enforcement';
import { FormerResource } from './former-resource';
import { AN_IMAGE_TRUST, IMAGE_TRUST, type IImageTrust } from './i-image-trust';
import { checkNearGate } from './near-trust';
import { relyOnPolicy } from './rely-on-policy';
import { TrustGate } from './trust-gate';
import { warnIfUnused } from './unused-image';
import { TRUSTED_IMAGE_RESOURCE } from '../core/gates/asking-resource';
import { GATE_SCHEMA_VERSION } from '../core/gates/gate-version';
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

  /**
   * The gate that is asked, for example one of a newer version that some stacks try first. It must ask the
   * same trust. An image that asks another gate is another resource: what ran before may run on.
   *
   * @default - the gate of the trust
   */
  readonly gate?: TrustGate;
}

const TRUSTED_IMAGE: Properties<TrustedImageOptions> = {
  trust: required(IMAGE_TRUST, AN_IMAGE_TRUST),
  enforcement: optional(Enforcement, 'an Enforcement'),
  gate: optional(TrustGate, 'a TrustGate'),
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
    const { trust, enforcement, gate, ...asset } = props;
    return new TrustedImage(scope, id, { trust, enforcement, gate }, owner => {
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
    const image = new TrustedImage(scope, id, props, () => ({ repository, reference: { Tag: tag } }));
    if (tag === 'latest') {
      Annotations.of(image).addWarningV2(
        'cdk-trusted-images:movedTag',
        `${image.node.path} is what the tag "latest" names when the stack is deployed: a later push moves the tag and not the stack, because CloudFormation sees no change, so nothing is asked and nothing new runs; use a tag for each build, TrustedImage.fromDigest() or TrustedImage.fromAsset()`,
      );
    }
    return image;
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
    const { trust, enforcement = Enforcement.refuse() } = options;
    relyOnPolicy(this, trust, enforcement);
    const admitted = trust._admit(this, repository);
    const gate = options.gate ?? trust._gate();
    checkNearGate('image', this, gate);
    if (admitted !== undefined) gate._admit(admitted);
    const held = gate._exportFor(this);
    const before = TrustGate._known(trust);
    const former =
      before === undefined || before === gate
        ? FormerResource.ofStack(this, trust)
        : FormerResource.of(this, before);
    const resource = new CustomResource(this, gate._resourceId, {
      resourceType: TRUSTED_IMAGE_RESOURCE,
      serviceToken: gate._tokenIn(Stack.of(this)),
      serviceTimeout: gate._serviceTimeout,
      properties: {
        SchemaVersion: GATE_SCHEMA_VERSION,
        Account: repository.env.account,
        Region: repository.env.region,
        Repository: repository.repositoryName,
        ...reference,
        Enforcement: enforcement._mode(),
        Former: former.logicalId,
        // CloudFormation keeps the gate as long as this is here
        ...(held !== undefined && { Gate: Fn.importValue(held) }),
      },
    });
    resource.node.addDependency(gate);
    const hex = Fn.select(1, Fn.split(':', resource.getAttString('Digest')));
    // CDK's classes take for a digest what begins like one, and for a tag any other token
    this.digest = `sha256:${warnIfUnused(this, hex, 'Digest' in reference)}`;
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
