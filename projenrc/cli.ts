import { awscdk } from 'projen';

/**
 * cli/ -> assets/cli: trusted-images.js, which needs nothing but Node, and the templates of `init`.
 * `npx cdk-trusted-images` runs it.
 */
export function addCli(project: awscdk.AwsCdkConstructLibrary): void {
  const outfile = 'assets/cli/trusted-images.js';
  const bundle = project.addTask('bundle:cli', {
    description: 'Create the command line from cli/trusted-images.ts',
    exec: `esbuild --bundle cli/trusted-images.ts --target="node20" --platform="node" --outfile="${outfile}" --main-fields=module,main --minify --tsconfig="test/tsconfig.json"`,
  });
  bundle.exec('rm -rf assets/templates && cp -R cli/templates assets/templates');
  project.tasks.tryFind('bundle')!.spawn(bundle);
  // one of them is TypeScript to paste, with placeholders
  project.tsconfigDev.addExclude('../cli/templates');
  project.tryFindObjectFile('cli/tsconfig.json')!.addToArray('exclude', 'templates');
  project.eslint?.addIgnorePattern('cli/templates/');
  project.prettier?.addIgnorePattern('cli/templates/');
  // npx runs a package by its own name
  project.addBins({ 'trusted-images': outfile, 'cdk-trusted-images': outfile });
}
