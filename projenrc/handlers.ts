import { readdirSync } from 'node:fs';
import { awscdk, javascript } from 'projen';

/**
 * A typed constant, not a literal: `LambdaFunction` passes every bundler option on, but its type names only
 * three.
 */
const HANDLER_BUNDLE: Omit<javascript.AddBundleOptions, 'target' | 'platform'> = {
  // The AWS SDK travels with the handler: one tested version, in Lambda and in the embedded cloud alike.
  // Without the ways in which a developer's machine or a server logs in: a function has its credentials in
  // its environment, so these are never loaded, and are a seventh of the bundle.
  externals: [
    '@aws-sdk/credential-provider-http',
    '@aws-sdk/credential-provider-ini',
    '@aws-sdk/credential-provider-login',
    '@aws-sdk/credential-provider-process',
    '@aws-sdk/credential-provider-sso',
    '@aws-sdk/credential-provider-web-identity',
    '@smithy/credential-provider-imds',
  ],
  mainFields: ['module', 'main'],
  minify: true,
  watchTask: false,
};

/**
 * lambda/<stage>/<name>.lambda.ts -> assets/lambda/<stage>/<name>.lambda/index.js +
 * src/<stage>/<name>-function.ts
 */
export function addHandlers(project: awscdk.AwsCdkConstructLibrary, root: string): void {
  for (const stage of readdirSync(root, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
    for (const file of readdirSync(`${root}/${stage.name}`)
      .filter(name => name.endsWith('.lambda.ts'))
      .sort()) {
      new awscdk.LambdaFunction(project, {
        cdkDeps: project.cdkDeps,
        entrypoint: `${root}/${stage.name}/${file}`,
        constructFile: `src/${stage.name}/${file.replace('.lambda.ts', '-function.ts')}`,
        runtime: awscdk.LambdaRuntime.NODEJS_22_X,
        awsSdkConnectionReuse: false,
        bundlingOptions: HANDLER_BUNDLE,
      });
    }
  }
}
