import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import type { IPullThroughCache } from './pull-through-cache';
import { EnvironmentName } from '../core/environment';
import { canShare, type Enrolment } from '../core/image/enrolment';
import type { CachedTag } from '../core/scanning/cached-tag';

/** What ECR asks for before it fetches an image that is not in the cache, and makes its repository. */
const IMPORT = ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'];

/** What a function that pulls them needs to know. @internal */
export function cachedTags(repositories: readonly CachedRepository[]): Record<string, string> {
  if (repositories.length === 0) return {};
  return { [EnvironmentName.cachedTags]: JSON.stringify(repositories.map(({ cachedTag }) => cachedTag)) };
}

/**
 * Takes cached repositories out of the enrolment: Trivy's database is no image, and its own image is deployed
 * by nobody. One that a selector names is enrolled all the same.
 *
 * @internal
 */
export function exceptCached(cached: readonly CachedRepository[], selected: Enrolment): Enrolment {
  const isNamed = (repository: string) =>
    selected.some(each => each.by === 'name' && each.name === repository);
  return [...new Set(cached.map(({ name }) => name))]
    .filter(name => !isNamed(name) && selected.some(each => canShare(each, { by: 'name', name })))
    .map(name => ({ by: 'except', name }));
}

/**
 * A repository of Amazon ECR Public, as it is pulled through a cache.
 *
 * @internal
 */
export class CachedRepository {
  /** In the registry of the account. */
  public readonly name: string;

  constructor(
    private readonly cache: IPullThroughCache,
    upstream: string,
    private readonly tag: string,
  ) {
    this.name = `${cache.prefix}/${upstream}`;
  }

  /** The rule of the cache, unless it existed before. */
  public get rules(): IConstruct[] {
    return Construct.isConstruct(this.cache) ? [this.cache] : [];
  }

  /** What reconcile pulls, so that ECR imports it and keeps it up to date. */
  public get cachedTag(): CachedTag {
    return { repository: this.name, tag: this.tag };
  }

  /** The image by its tag, without the host of the registry. */
  public get reference(): string {
    return `${this.name}:${this.tag}`;
  }

  /** Allows a build to pull it. */
  public grantPull(role: Role): Grant {
    return this.grant(role, role, [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetDownloadUrlForLayer',
      ...IMPORT,
    ]);
  }

  /** Allows reconcile, or a probe, to pull its manifest. */
  public grantRefresh(scope: IConstruct, grantee: IGrantable): Grant {
    return this.grant(scope, grantee, ['ecr:BatchGetImage', ...IMPORT]);
  }

  private grant(scope: IConstruct, grantee: IGrantable, actions: string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [
        Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName: this.name }),
      ],
    });
  }
}
