import { awscdk } from 'projen';

/** BuildKit's reader of Dockerfiles is built from Go before anything is bundled, compiled or tested. */
export function addDockerfileReader(project: awscdk.AwsCdkConstructLibrary): void {
  const build = project.addTask('build:dockerfile-reader', {
    description: "Build BuildKit's reader of Dockerfiles into assets/buildkit",
    exec: 'tsx local/tools/build-go-product.ts dockerfile-reader',
    env: { NODE_NO_WARNINGS: '1' },
  });
  project.preCompileTask.prependSpawn(build);
  project.addPackageIgnore('/buildkit/');
}
