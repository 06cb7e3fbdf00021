import type { RepositorySelector } from '../repository/repository-selector';

/** An environment has 4 KB, most of which others need. */
const MOST_CHARACTERS = 1_000;

/**
 * Which repositories are declared to be of base images, for the evaluator. Undefined if none is. Throws for a
 * selector by tag, and for all.
 *
 * @internal
 */
export function renderBases(repositories: readonly RepositorySelector[]): string | undefined {
  if (repositories.length === 0) return undefined;
  const wide = repositories.find(each => ['tag', 'all'].includes(each._enrolment().by));
  if (wide !== undefined) {
    throw new Error(
      `baseRepositories selects ${wide._shown()}, allowed: RepositorySelector.prefix() and .name(), since not every image is a base image, and the evaluator does not read the tags of repositories`,
    );
  }
  const document = JSON.stringify(repositories.map(each => each._enrolment()));
  if (document.length <= MOST_CHARACTERS) return document;
  throw new Error(
    `baseRepositories has ${document.length} characters in an environment variable, allowed: ${MOST_CHARACTERS}; select them by a common prefix, for example RepositorySelector.prefix("base/")`,
  );
}

/**
 * Which of them are never scanned: nobody would know their layers.
 *
 * @internal
 */
export function unusedBases(
  repositories: readonly RepositorySelector[],
  enrolled: readonly RepositorySelector[],
): string[] {
  return repositories
    .filter(selector => !enrolled.some(each => each._canShare(selector)))
    .map(
      selector =>
        `baseRepositories selects ${selector._shown()}, and no such repository is enrolled, so its images are never scanned and nobody knows their layers; enrolled: ${enrolled.map(each => each._shown()).join(', ')}; correct it, or select the repository in the property "repositories" too`,
    );
}
