import { awscdk } from 'projen';

/** What docs/releasing.md runs, and the workflow of releases. */
export function addRelease(project: awscdk.AwsCdkConstructLibrary): void {
  for (const [name, file, description] of [
    ['check', 'check.ts', 'Say whether a tag may be released, and what is missing'],
    [
      'dry',
      'dry-run.ts',
      'Pack what a release would publish, install it and synthesise the quickstart: for all languages, or those that are named',
    ],
    [
      'notes',
      'notes.ts',
      'Write the notes of the release to dist/notes.md, from the changelog and the commits',
    ],
    ['sbom', 'sbom.ts', 'Write what is in the package to dist/sbom.cdx.json'],
  ]) {
    project.addTask(`release:${name}`, {
      description,
      exec: `tsx local/release/${file}`,
      receiveArgs: true,
      env: { NODE_NO_WARNINGS: '1' },
    });
  }
  project.addDevDeps('publib@0.2.1061'); // it publishes to Maven Central and for Go
}
