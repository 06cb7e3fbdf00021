import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';

/**
 * An image asset from the folder that the test names. The parameter is there because a stack without a
 * resource is not deployed.
 */
const stack = new Stack(new App(), 'DockerAsset');
const image = new DockerImageAsset(stack, 'Image', { directory: process.env.ASSET_FOLDER! });
new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
