import { ImagePolicy } from './image-policy';
import { readPolicySet } from '../core/policy/policy-set';
import { checkProperties, required, type Properties } from '../properties/properties';
import { SELECTORS, RepositorySelector } from '../repository/repository-selector';

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

const REPOSITORY_POLICY: Properties<RepositoryPolicy> = {
  repositories: required([RepositorySelector], SELECTORS),
  policy: required(ImagePolicy, 'an ImagePolicy'),
};

/**
 * What is wrong with policies for repositories whose images are never scanned: they would judge nothing.
 *
 * @param enrolled everything that is scanned, by pushes or because a deployment asks for it
 * @internal
 */
export function unusedPolicies(
  others: readonly RepositoryPolicy[],
  enrolled: readonly RepositorySelector[],
): string[] {
  const isUsed = (selector: RepositorySelector) => enrolled.some(each => each._canShare(selector));
  return others
    .flatMap(({ repositories }) => repositories)
    .filter(selector => !isUsed(selector))
    .map(
      selector =>
        `repositoryPolicies has a policy for ${selector._shown()}, and no such repository is enrolled, so the policy would judge nothing; enrolled: ${enrolled.map(each => each._shown()).join(', ')}; correct it, or select the repository in the property "repositories" too`,
    );
}

/**
 * One document that says which policy judges which repository. Throws if deployed functions could not read
 * it.
 *
 * @internal
 */
export function renderPolicies(policy: ImagePolicy, others: readonly RepositoryPolicy[] = []): string {
  if (others.length === 0) return policy._render();
  const scoped = others.map(each => {
    checkProperties('RepositoryPolicy', each, REPOSITORY_POLICY);
    const { repositories, policy: other } = each;
    const selectors = repositories.map(repository => repository._enrolment());
    const tag = selectors.find(({ by }) => by === 'tag');
    if (tag !== undefined) {
      const why = 'since whoever may tag a repository would choose its policy';
      throw new Error(
        `a policy is chosen by ${JSON.stringify(tag)}, allowed: RepositorySelector.prefix() and .name(), ${why}`,
      );
    }
    const elsewhere = repositories.find(({ _otherAccount }) => _otherAccount !== undefined);
    if (elsewhere !== undefined) {
      throw new Error(
        `a policy is chosen by ${elsewhere._shown()}, allowed: RepositorySelector.prefix() and .name() without an account, since a policy is chosen by the name of the repository, in whichever account it is`,
      );
    }
    return { repositories: selectors, policy: JSON.parse(other._render()) as object };
  });
  const document = JSON.stringify({ default: JSON.parse(policy._render()) as object, scoped });
  const set = readPolicySet(document);
  if (!set.ok) throw new Error(`the policies are not valid: ${set.error.join('; ')}`);
  return document;
}
