import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awscdk, Component } from 'projen';
import { CONTACT, NUGET_USER, ORGANIZATION } from './organization';

export interface Names {
  readonly organization: string;
  readonly contact: string;
  readonly nugetUser: string;
}

export const NAMES: Names = { organization: ORGANIZATION, contact: CONTACT, nugetUser: NUGET_USER };

const REPOSITORY = 'cdk-trusted-images';

/** What follows from the names, for the languages. */
export function namesOf({ organization }: Names) {
  const repository = `github.com/${organization}/${REPOSITORY}`;
  const mavenGroup = `io.github.${organization.toLowerCase()}`;
  return {
    repository: `https://${repository}`,
    goModule: `${repository}-go`,
    mavenGroup,
    // no part of a package of Java has a dash
    javaPackage: `${mavenGroup.replaceAll('-', '')}.trustedimages`,
  };
}

/** What nobody has named yet. */
export function placeholdersIn(names: Names): string[] {
  return Object.entries(names).flatMap(([name, value]) =>
    /\bexample\b/.test(value) ? [`${name} ${value}`] : [],
  );
}

/** Files that are written by hand and have names in them. */
export const WITH_NAMES = [
  'docs/start.md',
  'docs/verify.md',
  'examples/quickstart-java/pom.xml',
  'examples/quickstart-java/src/main/java/com/example/Quickstart.java',
  'src/core/repository-url.ts',
  'src/events/trust-events.ts',
  'src/policy/image-policy.ts',
  'src/policy/policy-file.ts',
  'src/policy/rego-source.ts',
  'src/policy/waiver-source.ts',
];

/** Whatever organization a text names, it names this one. */
export function withNames(text: string, names: Names): string {
  const { repository, mavenGroup, javaPackage } = namesOf(names);
  return text
    .replace(new RegExp(`https://github\\.com/[\\w-]+/${REPOSITORY}\\b`, 'g'), repository)
    .replace(new RegExp(`(?<!/)github\\.com/[\\w-]+/${REPOSITORY}\\b`, 'g'), repository.slice(8))
    .replace(/\bio\.github\.\w+\.trustedimages\b/g, javaPackage)
    .replace(/\bio\.github\.[\w-]+(?=[:<])/g, mavenGroup);
}

/** Before anything is generated: generated files quote them. */
export function addNames(project: awscdk.AwsCdkConstructLibrary): void {
  new (class extends Component {
    public override preSynthesize(): void {
      for (const file of WITH_NAMES) {
        const path = join(project.outdir, file);
        const before = readFileSync(path, 'utf8');
        const after = withNames(before, NAMES);
        if (after !== before) writeFileSync(path, after);
      }
    }
  })(project);
}
