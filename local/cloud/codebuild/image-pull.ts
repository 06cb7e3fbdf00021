import { PullThrough } from '../ecr/pull-through';
import { Faults } from '../gateway/faults';

/**
 * What CodeBuild says if it cannot pull the image of a build. No image is pulled here: what keeps it back is
 * a fault that a test requested for its manifest, or a pull-through cache that does not have it.
 */
export async function whyNotPulled(
  image: string,
  role: string,
  faults: Faults,
  cache: PullThrough,
): Promise<string | undefined> {
  const [, repository, reference] = /^[^/]+\/(.+?)[:@]([^/]+)$/.exec(image) ?? [];
  if (repository === undefined) return undefined;
  const fault = faults.take({
    service: 'registry',
    method: 'GET',
    path: `/v2/${repository}/manifests/${reference}`,
  });
  if (fault !== undefined) return unableToPull(`${fault.errorCode}: ${fault.message}`);
  const problem = await cache.fill(repository, reference, role);
  if (problem !== undefined) return unableToPull(`denied: ${problem.message}`);
  return (await cache.has(repository, reference))
    ? undefined
    : unableToPull(`manifest for ${image} not found: manifest unknown: Requested image not found`);
}

function unableToPull(answer: string): string {
  return `BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: ${answer}`;
}
