import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';

/**
 * Allows a principal to call a function by its URL, where AWS names the caller, and in no other way: an
 * invocation could name any caller.
 */
export function grantCallUrl(functionArn: string, grantee: IGrantable): Grant {
  const resourceArns = [functionArn];
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
    .combine(Grant.addToPrincipal({ grantee, actions: ['lambda:GetFunctionUrlConfig'], resourceArns }));
}
