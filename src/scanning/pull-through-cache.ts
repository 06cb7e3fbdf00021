import { Token } from 'aws-cdk-lib';
import { CfnPullThroughCacheRule } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { checkProperties, optional, type Properties } from '../properties/properties';

/** As Amazon ECR accepts it. */
const PREFIX = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const PREFIX_CHARACTERS = { from: 2, to: 30 };

/**
 * A pull-through cache of Amazon ECR Public, in the Amazon ECR of the stack's account and region.
 */
export interface IPullThroughCache {
  /** The first part of the names of its repositories. */
  readonly prefix: string;
}

/**
 * Properties of a pull-through cache.
 */
export interface PullThroughCacheProps {
  /**
   * The first part of the names of its repositories: 2 to 30 characters, without a slash at the end. It must
   * be a literal. An account has one rule for each prefix in a region.
   *
   * @default 'ecr-public'
   */
  readonly prefix?: string;
}

const PULL_THROUGH_CACHE: Properties<PullThroughCacheProps> = {
  prefix: optional(),
};

/**
 * A rule of Amazon ECR that caches what is pulled from Amazon ECR Public (`public.ecr.aws`). The first pull
 * of a tag makes its repository. When it is pulled later, ECR looks for a newer image about once in 24 hours.
 *
 * It is for Trivy's databases and its image: `VulnerabilityDatabase.fromPullThroughCache()` and
 * `ScannerImage.fromPullThroughCache()`. The public registry throttles builds, which share their addresses
 * with everybody. Nobody throttles what is in the cache.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export class PullThroughCache extends Construct implements IPullThroughCache {
  /**
   * A cache whose rule exists already. The rule must be for `public.ecr.aws`, without an upstream prefix.
   *
   * @param prefix its prefix, for example `ecr-public`
   */
  public static fromPrefix(prefix: string): IPullThroughCache {
    return { prefix: checkedPrefix(prefix) };
  }

  /** The first part of the names of its repositories. */
  public readonly prefix: string;

  constructor(scope: Construct, id: string, props: PullThroughCacheProps = {}) {
    super(scope, id);
    checkProperties('PullThroughCacheProps', props, PULL_THROUGH_CACHE);
    this.prefix = checkedPrefix(props.prefix ?? 'ecr-public');
    new CfnPullThroughCacheRule(this, 'Resource', {
      ecrRepositoryPrefix: this.prefix,
      upstreamRegistry: 'ecr-public',
      upstreamRegistryUrl: 'public.ecr.aws',
    });
  }
}

function checkedPrefix(prefix: string): string {
  const { from, to } = PREFIX_CHARACTERS;
  if (!Token.isUnresolved(prefix) && PREFIX.test(prefix) && prefix.length >= from && prefix.length <= to) {
    return prefix;
  }
  throw new Error(
    `the prefix ${JSON.stringify(prefix)} of the pull-through cache is not one, allowed: ${from} to ${to} lowercase letters, digits and ._-/, as a literal and without a slash at the end, for example "ecr-public"`,
  );
}
