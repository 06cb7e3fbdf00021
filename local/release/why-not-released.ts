import { sectionOf } from './changelog';

export interface Release {
  readonly tag: string;
  /** Of package.json. */
  readonly version: string;
  readonly changelog: string;
  /** The names of projenrc/organization.ts that a person has to choose first. */
  readonly placeholders: readonly string[];
  readonly isOnMain: boolean;
}

/** Why a tag is not released; empty if it is. What is published cannot be taken back. */
export function whyNotReleased({ tag, version, changelog, placeholders, isOnMain }: Release): string[] {
  return [
    ...(tag === `v${version}`
      ? []
      : [
          `the tag is ${tag}, and package.json has version ${version}; set the version in projenrc/package.ts, or tag v${version}`,
        ]),
    ...(sectionOf(changelog, version) !== undefined
      ? []
      : [`CHANGELOG.md has no "## [${version}] - YYYY-MM-DD"; move what is below Unreleased there`]),
    ...(placeholders.length === 0
      ? []
      : [
          `projenrc/organization.ts still has placeholders: ${placeholders.join(', ')}; name them, and run npx projen`,
        ]),
    ...(isOnMain ? [] : [`the commit of ${tag} is not on main; merge it, then tag the merged commit`]),
  ];
}
