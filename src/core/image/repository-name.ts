/** Amazon ECR's own pattern of `repositoryName` (CreateRepository): 2 to 256 characters. */
export const ECR_REPOSITORY_NAME =
  /^(?=.{2,256}$)[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/;

/** How the host of a registry of AWS looks, which Amazon ECR also allows as a part of a name. */
const AWS_HOST = /^(?:\d{12}\.dkr[.-]ecr\b|public\.ecr\.aws$|[a-z0-9.-]+\.amazonaws\.)/;

/**
 * The name without the host of a registry, if it begins with one. Amazon ECR allows dots in names, so such a
 * name would be accepted, and no repository has it.
 */
export function withoutHost(name: string): string | undefined {
  const slash = name.indexOf('/');
  return slash > 0 && AWS_HOST.test(name.slice(0, slash)) ? name.slice(slash + 1) : undefined;
}

/** The start of such a name. */
export const ECR_REPOSITORY_PREFIX = /^[a-z0-9][a-z0-9._/-]{0,254}$/;

/**
 * The name of a repository in any registry. It is wider than Amazon ECR's: `a__b` and `a--b` are names too.
 * @see https://github.com/distribution/reference/blob/v0.6.0/reference.go
 */
export const REPOSITORY_NAME =
  /^(?=.{1,255}$)[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
