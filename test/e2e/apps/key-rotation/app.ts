import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ImageTrust, RepositorySelector, SigningKey, TrustedImage } from '../../../../src';
import { named } from '../../../gates/gated-stack';

/**
 * A trust in one stack and what asks it in another, as they are before, while and after a key is replaced:
 * `YEAR` names the key that signs, `FORMER` is the ARN of the one before, while gates believe it.
 */
const app = new App();
const platform = new Stack(app, 'RotationPlatform');
const { YEAR, FORMER, TAG } = process.env;
const trust = new ImageTrust(platform, 'Trust', {
  repositories: [RepositorySelector.prefix('rotation/')],
  signing: {
    key: new SigningKey(platform, `SigningKey${YEAR}`, { aliasName: `rotation-${YEAR}` }),
    formerKeys:
      FORMER === undefined
        ? []
        : [
            {
              key: Key.fromKeyArn(platform, 'Former', FORMER),
              acceptedUntil: new Date(Date.now() + 4 * 86_400_000).toISOString(),
            },
          ],
  },
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(platform, 'Register', { value: trust.register.table.tableName });
new CfnOutput(platform, 'Requests', { value: trust.scanner.requests.queueUrl });

const service = new Stack(app, 'RotationService');
const image = TrustedImage.fromTag(service, 'Image', {
  trust,
  repository: named(service, 'rotation/app'),
  tag: TAG!,
});
new StringParameter(service, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(service, 'ImageUri', { value: image.imageUri });
