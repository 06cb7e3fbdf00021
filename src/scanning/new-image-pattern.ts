import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { namePatterns } from './checked-options';
import { ECR_EVENTS, NEW_IMAGE } from '../core/scanning/scan-request';
import type { RepositorySelector } from '../repository/repository-selector';

/**
 * The events by which ECR says that a repository of this account and region has a new image.
 *
 * @internal
 */
export function newImagePattern(
  { account, region }: { readonly account: string; readonly region: string },
  repositories: readonly RepositorySelector[],
): EventPattern {
  return {
    source: ['aws.ecr'],
    detailType: [...ECR_EVENTS],
    account: [account],
    region: [region],
    // one rule for three kinds of events: each has only some of these fields
    detail: {
      'action-type': [...NEW_IMAGE.action, { exists: false }],
      result: [NEW_IMAGE.result, { exists: false }],
      'sync-status': [NEW_IMAGE.result, { exists: false }],
      'repository-name': namePatterns(repositories),
    },
  };
}
