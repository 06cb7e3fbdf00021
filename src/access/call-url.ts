import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { grantFindTrust } from './find-trust';
import { AwsLimit } from '../core/limits';

/**
 * The URL of a function, by which IAM lets people call.
 *
 * @param without how the app does without the function
 */
export function addCallUrl(handler: IFunction, without: string): string {
  const { region } = Stack.of(handler);
  if (AwsLimit.withoutFunctionUrls.some(each => each === region)) {
    throw new Error(
      `${handler.node.path} is in a stack of the region ${region}, where AWS Lambda has no function URLs, by which people call it; allowed: any region but ${AwsLimit.withoutFunctionUrls.join(', ')}; deploy to another region, or ${without}`,
    );
  }
  return handler.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }).url;
}

/**
 * Allows a principal to call a function by its URL, where AWS names the caller, and in no other way: an
 * invocation could name any caller. The command line also reads the stack, in which it finds the URL.
 */
export function grantCallUrl(handler: IFunction, grantee: IGrantable): Grant {
  const resourceArns = [handler.functionArn];
  return Grant.addToPrincipal({
    grantee,
    actions: ['lambda:InvokeFunctionUrl'],
    resourceArns,
    conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  })
    .combine(
      Grant.addToPrincipal({
        grantee,
        actions: ['lambda:InvokeFunction'],
        resourceArns,
        conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      }),
    )
    .combine(Grant.addToPrincipal({ grantee, actions: ['lambda:GetFunctionUrlConfig'], resourceArns }))
    .combine(grantFindTrust(handler, grantee));
}
