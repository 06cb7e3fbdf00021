import { ECR, RepositoryAlreadyExistsException } from '@aws-sdk/client-ecr';
import { CloudDescription } from './description';

/**
 * Creates the repository, because ECR accepts pushes only to existing ones. Returns the address to push to.
 */
export async function ensureRepository(cloud: CloudDescription, repositoryName: string): Promise<string> {
  const { endpoint, region, credentials, registryHost } = cloud;
  await new ECR({ endpoint, region, credentials })
    .createRepository({ repositoryName })
    .catch((error: unknown) => {
      if (!(error instanceof RepositoryAlreadyExistsException)) throw error;
    });
  return `${registryHost}/${repositoryName}`;
}
