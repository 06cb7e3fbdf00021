import { awscdk } from 'projen';

/**
 * The reader of images is built from Go before anything is bundled, compiled or tested; nothing is built
 * twice.
 */
export function addNormalForm(project: awscdk.AwsCdkConstructLibrary): void {
  const build = project.addTask('build:normal-form', {
    description: 'Build the reader of images into assets/normal-form',
    exec: 'tsx local/tools/build-go-product.ts normal-form',
    env: { NODE_NO_WARNINGS: '1' },
  });
  project.preCompileTask.prependSpawn(build);
  project.addPackageIgnore('/normal-form/');
}
