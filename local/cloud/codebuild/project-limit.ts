/**
 * Why CodeBuild refuses the limit of a project, in its own words: an account that runs one build at once can
 * have no project that runs two. Undefined if it does not. Minus one removes a limit.
 *
 * @see https://github.com/hashicorp/terraform-provider-aws/pull/37748
 */
export function whyLimitIsRefused(limit: unknown, quota: number): string | undefined {
  if (typeof limit !== 'number' || limit <= quota) return undefined;
  return `Project-level concurrent build limit cannot exceed the account-level concurrent build limit of ${quota}`;
}
