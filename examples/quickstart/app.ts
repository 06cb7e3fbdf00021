import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  ImagePolicy,
  ImageTrust,
  PolicyRule,
  RepositorySelector,
  SigningKey,
  TrustedImage,
} from 'cdk-trusted-images';

export const app = new App();
const stack = new Stack(app, 'Quickstart');

const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('team/')],
  policy: ImagePolicy.standard().without('vulnerabilities').plus(PolicyRule.vulnerabilities()), // without the seven days to fix: it is to be seen at once
  signing: {
    key: new SigningKey(stack, 'Key', { aliasName: 'quickstart', removalPolicy: RemovalPolicy.DESTROY }),
  },
  removalPolicy: RemovalPolicy.DESTROY, // this is for trying it out: without it, what was recorded is kept
});
const { repository } = trust.addRepository('App', { repositoryName: 'team/app' });

new CfnOutput(stack, 'RegisterTableName', { value: trust.register.table.tableName });
new CfnOutput(stack, 'FindingsTableName', { value: trust.findings.table.tableName });
new CfnOutput(stack, 'EvidenceBucketName', { value: trust.evidence.bucket.bucketName });
new CfnOutput(stack, 'AlertsTopicArn', { value: trust.alerts.topic.topicArn });
new CfnOutput(stack, 'SigningKeyAlias', { value: trust.signer.key.aliasName });

// what runs: it is deployed if the image under this tag is trusted, and else the deployment says why it is
// not
const service = new Stack(app, 'Service');
const image = TrustedImage.fromTag(service, 'Image', {
  trust,
  repository,
  tag: (app.node.tryGetContext('tag') as string | undefined) ?? 'v1',
});
new LambdaFunction(service, 'Function', {
  code: image.toLambdaCode(),
  handler: Handler.FROM_IMAGE,
  runtime: Runtime.FROM_IMAGE,
});
