import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ImageTrust, RepositorySelector, TrustedImage, TrustGate } from '../../../../src';
import { named } from '../../../gates/gated-stack';
import { signingByYear } from '../signing-by-year';

/**
 * A trust in one stack, and in another a gate of its own and what asks it, as they are before, while and
 * after a key is replaced.
 */
const app = new App();
const platform = new Stack(app, 'RotationPlatform');
const { TAG, YEAR, FORMER } = process.env;
const trust = new ImageTrust(platform, 'Trust', {
  repositories: [RepositorySelector.prefix('rotation/')],
  signing: signingByYear(platform, 'rotation', { year: YEAR!, former: FORMER }),
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(platform, 'Register', { value: trust.register.table.tableName });
new CfnOutput(platform, 'Requests', { value: trust.scanner.requests.queueUrl });

const service = new Stack(app, 'RotationService');
const image = TrustedImage.fromTag(service, 'Image', {
  trust,
  repository: named(service, 'rotation/app'),
  tag: TAG!,
  gate: new TrustGate(service, 'Gate', { trust }),
});
new StringParameter(service, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(service, 'ImageUri', { value: image.imageUri });
