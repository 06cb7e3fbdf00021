import { RemovalPolicy } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { having, oneOf, optional } from './properties';

/** @internal */
export const KEY = having<IKey>('keyArn');

/** @internal */
export const A_KEY = 'a key of AWS KMS, for example Key.fromKeyArn()';

/** @internal */
export const REPOSITORY = having<IRepository>('repositoryName', 'repositoryArn', 'grantPull');

/** @internal */
export const A_REPOSITORY =
  'a repository, for example Repository.fromRepositoryName(), or "repository" of a TrustedRepository';

/** What happens to state that is removed from a stack. @internal */
export const REMOVAL_POLICY = optional(
  oneOf(RemovalPolicy),
  'a RemovalPolicy, for example RemovalPolicy.DESTROY',
);
