import { ECRClient } from '@aws-sdk/client-ecr';
import { there } from './asked-trust';
import { EcrRegistry } from './ecr-registry';
import { EcrRepositories } from './ecr-repositories';
import type { Repository } from '../../src/core/image/image';

const client = new ECRClient(there);

/** A repository whose images are judged by the trust that a gate asks. */
export function registryOf(repository: Repository): EcrRegistry {
  return new EcrRegistry(repository, client);
}

/** The repositories whose images are judged by the trust that is asked. */
export const askedRepositories = new EcrRepositories(client);
