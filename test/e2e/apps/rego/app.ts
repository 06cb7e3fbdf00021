import { join } from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ImagePolicy, ImageTrust, PolicyRule, RegoSource, RepositorySelector } from '../../../../src';

/** A policy in Rego for one repository, and for another one from a bucket that exists before: `BUCKET`. */
const stack = new Stack(new App(), 'Rego');
const guide = ImagePolicy.of({
  name: 'guide',
  rules: [PolicyRule.rego(RegoSource.fromFile(join(__dirname, 'guide.rego')))],
});
const rules = Bucket.fromBucketName(stack, 'Rules', process.env.BUCKET ?? 'none');
const fromBucket = ImagePolicy.of({
  name: 'bucket',
  rules: [PolicyRule.rego(RegoSource.fromBucket(rules, 'policies/'))],
});
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('rego/')],
  policy: guide,
  repositoryPolicies: [{ repositories: [RepositorySelector.name('rego/bucket')], policy: fromBucket }],
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(stack, 'Register', { value: trust.register.table.tableName });
