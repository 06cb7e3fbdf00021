import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Function as LambdaFunction, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ImageTrust, TrustedImage } from 'cdk-trusted-images';

export const app = new App();
const stack = new Stack(app, 'TeamWeb');

// the app of the platform's team is known by the name of its stack only
const trust = ImageTrust.fromStackName(stack, 'Trust', { stackName: 'Platform' });

const image = TrustedImage.fromTag(stack, 'Image', {
  trust,
  repository: Repository.fromRepositoryName(stack, 'Repository', 'teams/web'),
  tag: (app.node.tryGetContext('tag') as string | undefined) ?? 'v1',
});
new LambdaFunction(stack, 'Function', {
  code: image.toLambdaCode(),
  handler: Handler.FROM_IMAGE,
  runtime: Runtime.FROM_IMAGE,
});
