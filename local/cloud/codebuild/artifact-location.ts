import { ProjectArtifacts } from '@aws-sdk/client-codebuild';

/**
 * The key, or the key's prefix, of a build's output.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html
 */
export function artifactKey(
  artifacts: ProjectArtifacts,
  build: { id: string; projectName: string },
  nameInBuildspec?: string,
): string {
  const { path, namespaceType, name, packaging } = artifacts;
  const fallback = packaging === 'ZIP' ? `${build.projectName}.zip` : build.projectName;
  const last = nameInBuildspec ?? name ?? fallback;
  return [path, namespaceType === 'BUILD_ID' ? build.id.split(':')[1] : '', last]
    .flatMap(part => (part ?? '').split('/'))
    .filter(part => part !== '')
    .join('/');
}
