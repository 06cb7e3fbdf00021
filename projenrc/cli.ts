import { awscdk } from 'projen';
import { NODE_MAJOR } from '../src/core/function-runtime';

/**
 * cli/ -> assets/cli: trusted-images.js, which needs nothing but Node, and the templates of `init`.
 * `npx cdk-trusted-images` runs it.
 */
export function addCli(project: awscdk.AwsCdkConstructLibrary): void {
  const outfile = 'assets/cli/trusted-images.js';
  const bundle = project.addTask('bundle:cli', {
    description: 'Create the command line from cli/trusted-images.ts',
    execArgs: [
      'esbuild',
      '--bundle',
      'cli/trusted-images.ts',
      `--target=node${NODE_MAJOR}`,
      '--platform=node',
      `--outfile=${outfile}`,
      '--tsconfig=test/tsconfig.json',
      '--minify',
      '--main-fields=module,main',
    ],
  });
  bundle.exec('rm -rf assets/templates && cp -R cli/templates assets/templates');
  project.tasks.tryFind('bundle')!.spawn(bundle);
  // one of them is TypeScript to paste, with placeholders
  project.tsconfigDev.addExclude('../cli/templates');
  project.tryFindObjectFile('cli/tsconfig.json')!.addToArray('exclude', 'templates');
  // the name of the package and no other: under another name npx may run what somebody else published
  project.addBins({ 'cdk-trusted-images': outfile });
}
