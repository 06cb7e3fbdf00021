import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Function as LambdaFunction, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Enforcement, ImageTrust, RepositorySelector, TrustedImage } from 'cdk-trusted-images';

export const app = new App();

// the repositories exist already, with images in them, and are not touched
const watch = new Stack(app, 'ExistingRegistry');
const trust = new ImageTrust(watch, 'Trust', {
  repositories: [RepositorySelector.prefix('existing/')],
});
new CfnOutput(watch, 'AlertsTopicArn', { value: trust.alerts.topic.topicArn });

// a service that runs already: its deployments go on, and say what would have been refused
const service = new Stack(app, 'ExistingService');
const image = TrustedImage.fromTag(service, 'Image', {
  trust,
  repository: Repository.fromRepositoryName(service, 'Repository', 'existing/shop'),
  tag: 'live',
  enforcement: Enforcement.audit(),
});
new LambdaFunction(service, 'Function', {
  code: image.toLambdaCode(),
  handler: Handler.FROM_IMAGE,
  runtime: Runtime.FROM_IMAGE,
});
