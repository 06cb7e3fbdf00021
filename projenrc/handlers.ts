import { readdirSync } from 'node:fs';
import { awscdk } from 'projen';
import { FUNCTION_RUNTIME, NODE_MAJOR } from '../src/core/function-runtime';

/**
 * The AWS SDK travels with the handler: one tested version, in Lambda and in the embedded cloud alike. It
 * travels without the ways in which a developer's machine or a server logs in: a function has its credentials
 * in its environment, so these are never loaded, and are a seventh of the bundle.
 */
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/**
 * lambda/<stage>/<name>.lambda.ts -> assets/lambda/<stage>/<name>.lambda/index.js +
 * src/<stage>/<name>-function.ts
 */
export function addHandlers(project: awscdk.AwsCdkConstructLibrary, root: string): void {
  const handlers = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.lambda.ts'))
    .sort();
  for (const handler of handlers) {
    new awscdk.LambdaFunction(project, {
      cdkDeps: project.cdkDeps,
      entrypoint: `${root}/${handler}`,
      constructFile: `src/${handler.replace('.lambda.ts', '-function.ts')}`,
      runtime: new awscdk.LambdaRuntime(FUNCTION_RUNTIME, `node${NODE_MAJOR}`),
      awsSdkConnectionReuse: false,
      bundlingOptions: { watchTask: false },
    });
  }
  // One run for all: the AWS SDK, which all have in common, is read once.
  const { bundleTask } = project.bundler;
  bundleTask.reset();
  handlers.forEach(handler => project.removeTask(`bundle:${root}/${handler.replace(/\.ts$/, '')}`));
  const bundle = project.addTask('bundle:handlers', {
    description: `Create the bundles of all handlers from ${root}`,
    execArgs: [
      'esbuild',
      '--bundle',
      ...handlers.map(handler => `${root}/${handler}`),
      `--target=node${NODE_MAJOR}`,
      '--platform=node',
      `--outdir=assets/${root}`,
      `--outbase=${root}`,
      '--entry-names=[dir]/[name]/index',
      '--tsconfig=test/tsconfig.json',
      ...NEVER_LOADED.map(name => `--external:${name}`),
      '--minify',
      '--main-fields=module,main',
      '--log-level=warning',
    ],
  });
  bundleTask.spawn(bundle);
}
