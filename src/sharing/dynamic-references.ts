import { CfnResource, type Stack } from 'aws-cdk-lib';
import { AwsLimit } from '../core/limits';

/** The CDK shows the properties of a resource to its subclasses only. */
interface Shown {
  readonly cfnProperties: unknown;
}

/**
 * Why CloudFormation would refuse the template of a stack that imports a trust by parameters. What the app
 * overrides in its resources is not counted.
 */
export function tooManyReferences(stack: Stack): string[] {
  const resources = stack.node
    .findAll()
    .filter(each => CfnResource.isCfnResource(each) && each.stack === stack) as unknown as Shown[];
  const properties = resources.map(({ cfnProperties }) => stack.resolve(cfnProperties) as unknown);
  const count = JSON.stringify(properties).split('{{resolve:').length - 1;
  const most = AwsLimit.dynamicReferences;
  if (count <= most) return [];
  return [
    `the stack ${stack.node.path} has ${count} dynamic references ({{resolve:…}}), allowed: ${most}, the quota of CloudFormation for a template; each image that is deployed by a trust of ImageTrust.fromParameters() has 2: deploy some of the images in another stack, or import the trust by ImageTrust.fromStackName()`,
  ];
}
