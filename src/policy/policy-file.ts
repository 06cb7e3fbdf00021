import { dirname, join } from 'path';
import { Duration } from 'aws-cdk-lib';
import { ImagePolicy } from './image-policy';
import { loadPolicyFile } from './load-policy-file';
import type { RepositoryPolicy } from './repository-policy';
import { WaiverSource } from './waiver-source';
import type { WaiverFileSource } from '../core/policy/policy-file-schema';
import { formatOf } from '../core/policy/waiver-format';
import { RepositorySelector } from '../repository/repository-selector';

/**
 * A policy as a file: `trusted-images.yaml`. The stack and `cdk-trusted-images scan --policy` read the same
 * file, so both judge by the same rules.
 *
 * Pass on all its values: to `policy`, `repositoryPolicies`, `waivers` and `maxWaiverLife` of `ImageTrust`.
 *
 * @see https://github.com/example/cdk-trusted-images/tree/main/docs/policy.md
 */
export class PolicyFile {
  /**
   * Reads a file and all files that it names: Rego is compiled, waivers are checked. Throws with file, line
   * and column for every problem in any of the files.
   *
   * @param path the path of the file; paths in it are relative to its folder
   */
  public static load(path: string): PolicyFile {
    return new PolicyFile(path);
  }

  /** The policy for every repository that has no policy of its own. */
  public readonly policy: ImagePolicy;

  /** Other policies for some repositories. The first that names a repository judges its images. */
  public readonly repositoryPolicies: RepositoryPolicy[];

  /**
   * The waivers. Where the policy file names none, they are in the file in the bucket, which people edit
   * there.
   */
  public readonly waivers: WaiverSource;

  /** How long a waiver may hold: `maxWaiverLifeDays` of the file, or 90 days. */
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
      .reduce((all, each) => all.plus(each), WaiverSource.inBucket());
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
