import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Enforcement, ImageTrust, RepositorySelector, TrustedImage } from '../../../../src';

/**
 * A trust and what asks it in one stack: the image lies in the bootstrap stack's repository, which nobody
 * enrolled.
 */
const stack = new Stack(new App(), 'GatedAsset');
const trust = new ImageTrust(stack, 'Trust', {
  repositories: [RepositorySelector.prefix('gated/')],
  removalPolicy: RemovalPolicy.DESTROY,
});
const enforcement = process.env.AUDIT === '1' ? Enforcement.audit() : Enforcement.refuse();
const image = TrustedImage.fromAsset(stack, 'Image', {
  trust,
  enforcement,
  directory: process.env.ASSET_FOLDER!,
});
new FargateTaskDefinition(stack, 'Task').addContainer('app', { image: image.toEcsImage() });
new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
new CfnOutput(stack, 'AlertsTopicArn', { value: trust.alerts.topic.topicArn });
