import { awscdk } from 'projen';

/** Their sources are not published; what is built from them is, in `assets`. */
const SOURCES = ['normal-form', 'rego', 'buildkit', 'wasm-call'];

/**
 * The reader of images, the Rego engine and the reader of Dockerfiles are built from Go before anything is
 * bundled, compiled or tested; what the cache has is not built again.
 */
export function addGoPrograms(project: awscdk.AwsCdkConstructLibrary): void {
  const build = project.addTask('build:go', {
    description: 'Build what is written in Go into assets: all programs, or those that are named',
    exec: 'tsx local/tools/build-go-products.ts',
    receiveArgs: true,
    env: { NODE_NO_WARNINGS: '1' },
  });
  project.preCompileTask.prependSpawn(build);
  SOURCES.forEach(folder => project.addPackageIgnore(`/${folder}/`));
}
