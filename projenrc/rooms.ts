import { awscdk, javascript } from 'projen';

/** Folders beside `src`: linted and type-checked, never compiled by jsii, never published as source. */
export function addRooms(project: awscdk.AwsCdkConstructLibrary, rooms: string[]): void {
  for (const room of rooms) {
    new javascript.TypescriptConfig(project, {
      // the nearest tsconfig is the one that editors and typed lint look for
      fileName: `${room}/tsconfig.json`,
      extends: javascript.TypescriptConfigExtends.fromPaths(['../test/tsconfig.json']),
      include: ['**/*.ts'],
      // the examples import the package by its name, as a reader would
      compilerOptions:
        room === 'examples' ? { paths: { 'cdk-trusted-images': ['../src/index.ts'] } } : undefined,
    });
    project.tsconfigDev.addInclude(`../${room}/**/*.ts`);
    project.eslint?.addLintPattern(room);
    project.eslint?.allowDevDeps(`**/${room}/**`);
    project.addPackageIgnore(`/${room}/`);
  }
  project.eslint?.addOverride({
    files: ['examples/**'],
    rules: { 'import/no-unresolved': ['error', { ignore: ['^cdk-trusted-images$'] }] },
  }); // by its paths
  project.tsconfigDev.file.addOverride('compilerOptions.paths', {
    'cdk-trusted-images': ['../src/index.ts'],
  });
  for (const folder of [
    '/.ci/',
    '/CONTRIBUTING.md',
    '/decisions/',
    '/docs/*',
    '!/docs/*.schema.json',
    '/projenrc/',
    '/rosetta/',
    '/test-reports/',
  ]) {
    project.addPackageIgnore(folder);
  }
}
