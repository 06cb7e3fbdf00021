/**
 * The names that a person chooses before the first release, and the only place that has them. `npx projen`
 * writes them everywhere else, and no release begins while they are these placeholders.
 */

/** Of GitHub. It owns this repository, and `cdk-trusted-images-go` beside it. */
export const ORGANIZATION = 'example';
/** Where vulnerabilities are reported to. */
export const CONTACT = 'maintainers@example.com';
/** The profile of NuGet that trusts this repository. */
export const NUGET_USER = 'example';
