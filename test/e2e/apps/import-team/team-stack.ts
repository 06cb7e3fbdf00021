import { CfnOutput, Stack, type Stage } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ImageTrust, TrustedImage, type IImageTrust } from '../../../../src';
import { named } from '../../../gates/gated-stack';

/** How an app's team deploys: which image of which repository, and which keys it pins where it has to. */
export interface Team {
  readonly tag: string;
  readonly repository: string;
  readonly keys: readonly string[];
}

export const IMPORTS = ['stack', 'parameters'] as const;
export type Import = (typeof IMPORTS)[number];

/**
 * What a team deploys, by one of the ways to import the trust of this name. It knows the platform's app by
 * name only, and is synthesised without asking anybody.
 */
export function teamStack(stage: Stage, by: Import, name: string, { tag, repository, keys }: Team): Stack {
  const stack = new Stack(stage, `Team-${by}`, { stackName: `ImportTeam-${by}` });
  const image = TrustedImage.fromTag(stack, 'Image', {
    trust: imported(stack, by, name, keys),
    repository: named(stack, repository),
    tag,
  });
  new StringParameter(stack, 'Parameter', { stringValue: image.imageUri });
  new CfnOutput(stack, 'ImageUri', { value: image.imageUri });
  return stack;
}

function imported(stack: Stack, by: Import, name: string, keys: readonly string[]): IImageTrust {
  if (by === 'stack') {
    return ImageTrust.fromStackName(stack, 'Trust', { stackName: `ImportPlatform-${name}` });
  }
  const signingKeys = keys.map(keyArn => ({ keyArn }));
  return ImageTrust.fromParameters(stack, 'Trust', { publishedAs: name, signingKeys });
}
