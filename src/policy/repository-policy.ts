import type { ImagePolicy } from './image-policy';
import { readPolicySet } from '../core/policy/policy-set';
import type { RepositorySelector } from '../repository/repository-selector';

/**
 * Another policy for some repositories.
 */
export interface RepositoryPolicy {
  /**
   * The repositories, by prefix or name. A selector by tag is an error: whoever may tag a repository would
   * choose its policy.
   */
  readonly repositories: RepositorySelector[];

  /** The policy that judges their images. */
  readonly policy: ImagePolicy;
}

/**
 * One document that says which policy judges which repository. Throws if deployed functions could not read
 * it.
 *
 * @internal
 */
export function renderPolicies(policy: ImagePolicy, others: readonly RepositoryPolicy[] = []): string {
  if (others.length === 0) return policy._render();
  const scoped = others.map(({ repositories, policy: other }) => {
    const selectors = repositories.map(repository => repository._enrolment());
    const tag = selectors.find(({ by }) => by === 'tag');
    if (tag !== undefined) {
      const why = 'since whoever may tag a repository would choose its policy';
      throw new Error(
        `a policy is chosen by ${JSON.stringify(tag)}, allowed: RepositorySelector.prefix() and .name(), ${why}`,
      );
    }
    return { repositories: selectors, policy: JSON.parse(other._render()) as object };
  });
  const document = JSON.stringify({ default: JSON.parse(policy._render()) as object, scoped });
  const set = readPolicySet(document);
  if (!set.ok) throw new Error(`the policies are not valid: ${set.error.join('; ')}`);
  return document;
}
