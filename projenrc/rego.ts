import { awscdk } from 'projen';

/**
 * The Rego engine is built from Go before anything is bundled, compiled or tested; nothing is built twice.
 */
export function addRego(project: awscdk.AwsCdkConstructLibrary): void {
  const env = { NODE_NO_WARNINGS: '1' };
  const build = project.addTask('build:rego', {
    description: 'Build the Rego engine into assets/rego',
    exec: 'tsx local/tools/build-go-product.ts rego-engine',
    env,
  });
  project.preCompileTask.prependSpawn(build);
  project.addPackageIgnore('/rego/');
  project.addPackageIgnore('/wasm-call/');
}
