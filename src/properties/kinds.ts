import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { having } from './properties';

/** @internal */
export const KEY = having<IKey>('keyArn');

/** @internal */
export const A_KEY = 'a key of AWS KMS, for example Key.fromKeyArn()';

/** @internal */
export const REPOSITORY = having<IRepository>('repositoryName', 'repositoryArn', 'grantPull');

/** @internal */
export const A_REPOSITORY =
  'a repository, for example Repository.fromRepositoryName(), or "repository" of a TrustedRepository';
