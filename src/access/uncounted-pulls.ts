import { CfnPullTimeUpdateExclusion } from 'aws-cdk-lib/aws-ecr';
import type { Role } from 'aws-cdk-lib/aws-iam';

/**
 * Pulls by this role do not count: they leave `lastRecordedPullTime` of an image as it is. Images are scanned
 * every day, and a lifecycle rule for images that nobody pulls would never find one.
 *
 * Amazon ECR allows 100 of these exclusions in an account.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
 * @internal
 */
export function doNotCountPulls(role: Role): void {
  new CfnPullTimeUpdateExclusion(role, 'PullsDoNotCount', { principalArn: role.roleArn });
}
