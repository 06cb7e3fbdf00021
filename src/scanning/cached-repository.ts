import { Stack } from 'aws-cdk-lib';
import { Grant, type Role } from 'aws-cdk-lib/aws-iam';
import type { IPullThroughCache } from './pull-through-cache';

/**
 * A repository of Amazon ECR Public, as builds pull from it through a cache.
 *
 * @internal
 */
export class CachedRepository {
  /** In the registry of the account. */
  public readonly name: string;

  constructor(cache: IPullThroughCache, upstream: string) {
    this.name = `${cache.prefix}/${upstream}`;
  }

  /** Allows to pull from it, to fetch what is not in it yet, and to make it with the first pull. */
  public grantPull(role: Role): Grant {
    return Grant.addToPrincipal({
      grantee: role,
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:GetDownloadUrlForLayer',
        'ecr:BatchImportUpstreamImage',
        'ecr:CreateRepository',
      ],
      resourceArns: [
        Stack.of(role).formatArn({ service: 'ecr', resource: 'repository', resourceName: this.name }),
      ],
    });
  }
}
