import { App, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import {
  AlertTopic,
  ImageTrust,
  TrustedImage,
  type IImageTrust,
  type ImportedSigningKey,
} from '../../../../src';
import { named } from '../../../gates/gated-stack';

/**
 * The app of a team that deploys. It knows the platform's app by name only, and is synthesised without asking
 * anybody. `BY` says how it imports the trust `NAME`, `TAG` which image of `REPOSITORY` it deploys, `KEYS`
 * which keys it pins where it has to. `OUTPUTS` are those of a trust of another account, as they were copied.
 */
const { BY, NAME, TAG, KEYS, REPOSITORY, OUTPUTS } = process.env;
const stage = new Stage(new App(), 'Production');
const stack = new Stack(stage, 'Team', { stackName: `ImportTeam-${BY}` });

function imported(): IImageTrust {
  if (BY === 'stack') {
    return ImageTrust.fromStackName(stack, 'Trust', { stackName: `ImportPlatform-${NAME}` });
  }
  const signingKeys = KEYS!.split(',').map(keyArn => ({ keyArn }));
  if (BY === 'attributes') return copied(signingKeys);
  return ImageTrust.fromParameters(stack, 'Trust', { publishedAs: NAME!, signingKeys });
}

function copied(signingKeys: ImportedSigningKey[]): IImageTrust {
  const outputs = JSON.parse(OUTPUTS!) as Record<string, string>;
  return ImageTrust.fromAttributes(stack, 'Trust', {
    schemaVersion: outputs.TrustedImagesSchemaVersion!,
    registerTableArn: outputs.TrustedImagesRegisterTableArn!,
    policiesTableArn: outputs.TrustedImagesPoliciesTableArn!,
    scanRequestsQueueArn: outputs.TrustedImagesScanRequestsQueueArn!,
    scanRequestsQueueUrl: outputs.TrustedImagesScanRequestsQueueUrl!, // here, not at an endpoint of AWS
    evidenceBucketName: outputs.TrustedImagesEvidenceBucketName!,
    signingKeys,
    alertTopic: AlertTopic.text(new Topic(stack, 'Alerts')),
  });
}

const image = TrustedImage.fromTag(stack, 'Image', {
  trust: imported(),
  repository: REPOSITORY!.startsWith('arn:')
    ? Repository.fromRepositoryArn(stack, 'Repository', REPOSITORY!)
    : named(stack, REPOSITORY!),
  tag: TAG!,
});
new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
