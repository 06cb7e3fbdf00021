import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ImagesDashboard, ImageTrust, RepositorySelector, VulnerabilityDatabase } from '../../../../src';

/** A trust with what `doctor` looks at: somebody is notified, and the databases lie in Amazon ECR. */
const stack = new Stack(new App(), 'Doctor');
const mirror = '000000000000.dkr.ecr.us-east-1.amazonaws.com/aquasecurity';
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('team/')],
  database: VulnerabilityDatabase.fromRepositories({
    vulnerabilities: [`${mirror}/trivy-db:2`],
    java: [`${mirror}/trivy-java-db:1`],
  }),
  removalPolicy: RemovalPolicy.DESTROY,
});
trust.alerts.addSubscription(new SqsSubscription(new Queue(stack, 'Team')));
new ImagesDashboard(stack, 'Images', { trust });
new CfnOutput(stack, 'RegisterTableName', { value: trust.register.table.tableName });
new CfnOutput(stack, 'AlertsTopicArn', { value: trust.alerts.topic.topicArn });
