import { awscdk } from 'projen';

/**
 * cli/ -> assets/cli/trusted-images.js, one file that needs nothing but Node; `npx cdk-trusted-images` runs
 * it.
 */
export function addCli(project: awscdk.AwsCdkConstructLibrary): void {
  const outfile = 'assets/cli/trusted-images.js';
  const bundle = project.addTask('bundle:cli', {
    description: 'Create the command line from cli/trusted-images.ts',
    exec: `esbuild --bundle cli/trusted-images.ts --target="node20" --platform="node" --outfile="${outfile}" --main-fields=module,main --minify --tsconfig="test/tsconfig.json"`,
  });
  project.tasks.tryFind('bundle')!.spawn(bundle);
  // npx runs a package by its own name
  project.addBins({ 'trusted-images': outfile, 'cdk-trusted-images': outfile });
}
