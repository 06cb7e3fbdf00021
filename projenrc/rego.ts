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
  const cases = project.addTask('test:rego-cases', {
    description: "Run all of OPA's own evaluation cases",
    exec: 'tsx test/rego/nightly.ts',
    env,
  });
  cases.prependSpawn(build);
  const nightly = project.addTask('test:nightly', {
    description:
      "What takes too long for every change, or a machine of its own: all of OPA's cases, 100,000 broken reports, 10,000 hostile images, and how long things take",
  });
  nightly.spawn(cases);
  nightly.exec('jest --ci test/core/bad-input test/use-cases/evaluation/bad-input', {
    env: { FUZZ_RUNS: '100000' },
  });
  nightly.exec('jest --ci test/normal-form', { env: { IMAGES: '10000' } });
  nightly.exec('jest --ci --runInBand --findRelatedTests test/support/soon.ts', { env: { CLOCK: 'exact' } });
  project.addPackageIgnore('/rego/');
  project.addPackageIgnore('/wasm-call/');
}
