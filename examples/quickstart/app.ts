import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ImagePolicy, ImageTrust, RepositorySelector } from 'cdk-trusted-images';

const app = new App();
const stack = new Stack(app, 'Quickstart');

const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('team/')],
  policy: ImagePolicy.standard(),
  removalPolicy: RemovalPolicy.DESTROY, // this is for trying it out: without it, what was recorded is kept
});
trust.addRepository('App', { repositoryName: 'team/app' });

new CfnOutput(stack, 'RegisterTableName', { value: trust.register.table.tableName });
new CfnOutput(stack, 'FindingsTableName', { value: trust.findings.table.tableName });
new CfnOutput(stack, 'EvidenceBucketName', { value: trust.evidence.bucket.bucketName });
new CfnOutput(stack, 'AlertsTopicArn', { value: trust.alerts.topic.topicArn });
