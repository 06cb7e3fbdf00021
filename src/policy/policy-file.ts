import { dirname, join } from 'path';
import { Duration } from 'aws-cdk-lib';
import { ImagePolicy } from './image-policy';
import { loadPolicyFile } from './load-policy-file';
import type { RepositoryPolicy } from './repository-policy';
import { WaiverSource } from './waiver-source';
import { formatOf } from '../core/policy/policy-file-references';
import type { WaiverFileSource } from '../core/policy/policy-file-schema';
import { RepositorySelector } from '../repository/repository-selector';

/**
 * A policy as a file: `trusted-images.yaml`, for the stack and for `trusted-images scan --policy` alike, so
 * that both judge by the same rules.
 *
 * Hand on all that it has: to `policy`, `repositoryPolicies`, `waivers` and `maxWaiverLife` of `ImageTrust`.
 *
 * @see https://github.com/example/cdk-trusted-images/tree/main/docs/policy.md
 */
export class PolicyFile {
  /**
   * Reads a file and all that it names: Rego is compiled, waivers are checked. Throws with file, line and
   * column for everything that is wrong, in whichever file it is.
   *
   * @param path of the file; paths in it begin where it lies
   */
  public static load(path: string): PolicyFile {
    return new PolicyFile(path);
  }

  /** The policy that judges, where no other is named for a repository. */
  public readonly policy: ImagePolicy;

  /** Other policies for some repositories. */
  public readonly repositoryPolicies: RepositoryPolicy[];

  /**
   * What was accepted. Where the file names no waivers, it is the file in the bucket, which people edit
   * there.
   */
  public readonly waivers: WaiverSource;

  /** For how long a waiver may hold. */
  public readonly maxWaiverLife: Duration;

  private constructor(path: string) {
    const { set, waiverSources, maxWaiverLifeDays } = loadPolicyFile(path);
    this.policy = ImagePolicy._of(set.default);
    this.repositoryPolicies = set.scoped.map(({ repositories, policy }) => ({
      repositories: repositories.map(each =>
        each.by === 'prefix'
          ? RepositorySelector.prefix(each.prefix)
          : RepositorySelector.name((each as { name: string }).name),
      ),
      policy: ImagePolicy._of(policy),
    }));
    this.waivers = waiverSources
      .map(source => sourceOf(source, dirname(path)))
      .reduce((all, each) => all.with(each), WaiverSource.inBucket());
    this.maxWaiverLife = Duration.days(maxWaiverLifeDays);
  }
}

function sourceOf(source: WaiverFileSource, folder: string): WaiverSource {
  const file = join(folder, source.file);
  const { owner, reason, ticket, expires, repositories, digests } = source.defaults ?? {};
  const defaults = { owner, reason, ticket, expires, repositories, digests };
  switch (formatOf(source)) {
    case 'trivyignore':
      return WaiverSource.fromTrivyIgnore(file, defaults);
    case 'openvex':
      return WaiverSource.fromOpenVex(file, { ...defaults, registries: source.registries! });
    default:
      return WaiverSource.fromFile(file);
  }
}
