import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ImageTrust, TrustedImage, type IImageTrust } from '../../../../src';
import { named } from '../../../gates/gated-stack';

/**
 * The app of a team that deploys. It knows the platform's app by name only, and is synthesised without asking
 * anybody. `BY` says how it imports the trust `NAME`, `TAG` which image of `REPOSITORY` it deploys, `KEYS`
 * which keys it pins where it has to.
 */
const { BY, NAME, TAG, KEYS, REPOSITORY } = process.env;
const stage = new Stage(new App(), 'Production');
const stack = new Stack(stage, 'Team', { stackName: `ImportTeam-${BY}` });

function imported(): IImageTrust {
  if (BY === 'stack') {
    return ImageTrust.fromStackName(stack, 'Trust', { stackName: `ImportPlatform-${NAME}` });
  }
  const signingKeys = KEYS!.split(',').map(keyArn => ({ keyArn }));
  return ImageTrust.fromParameters(stack, 'Trust', { publishedAs: NAME!, signingKeys });
}

const image = TrustedImage.fromTag(stack, 'Image', {
  trust: imported(),
  repository: named(stack, REPOSITORY!),
  tag: TAG!,
});
new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
