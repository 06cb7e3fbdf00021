import { ECR, RepositoryAlreadyExistsException } from '@aws-sdk/client-ecr';
import { CloudDescription } from './description';

/** ECR takes no push to a repository that nobody made. Returns where to push to. */
export async function ensureRepository(cloud: CloudDescription, repositoryName: string): Promise<string> {
  const { endpoint, region, credentials, registryHost } = cloud;
  await new ECR({ endpoint, region, credentials })
    .createRepository({ repositoryName })
    .catch((error: unknown) => {
      if (!(error instanceof RepositoryAlreadyExistsException)) throw error;
    });
  return `${registryHost}/${repositoryName}`;
}
