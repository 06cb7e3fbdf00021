import { Faults } from '../gateway/faults';

/**
 * What CodeBuild says if it cannot pull the image of a build. No image is pulled here: only a fault that a
 * test requested for its manifest keeps it back.
 */
export function whyNotPulled(image: string, faults: Faults): string | undefined {
  const [, repository, reference] = /^[^/]+\/(.+?)[:@]([^/]+)$/.exec(image) ?? [];
  if (repository === undefined) return undefined;
  const fault = faults.take({
    service: 'registry',
    method: 'GET',
    path: `/v2/${repository}/manifests/${reference}`,
  });
  return fault === undefined
    ? undefined
    : `BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: ${fault.errorCode}: ${fault.message}`;
}
