import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { EvidenceBucket, ImageTrust, RepositorySelector, TrustedImage } from '../../../../src';
import { named } from '../../../gates/gated-stack';

/**
 * A trust and what asks it in one stack; `TRUST` is the trust's name, which the test changes. The evidence is
 * not the trust's own, and stays.
 */
const stack = new Stack(new App(), 'MovedTrust');
const evidence = new EvidenceBucket(stack, 'Evidence', { removalPolicy: RemovalPolicy.DESTROY });
const trust = new ImageTrust(stack, process.env.TRUST!, {
  repositories: [RepositorySelector.prefix('moved/')],
  evidence,
  removalPolicy: RemovalPolicy.DESTROY,
});
const image = TrustedImage.fromTag(stack, 'Image', {
  trust,
  repository: named(stack, 'moved/app'),
  tag: 'v1',
});
new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
