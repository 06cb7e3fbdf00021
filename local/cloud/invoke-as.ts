import { Place, Places } from './accounts/places';
import { mayPrincipal } from './rights';

/**
 * What a function answers to a service that calls it with the role it was given. The role's rights count.
 * Whom it trusts, nobody looks at.
 */
export async function invokeAs(
  roleArn: string,
  functionArn: string,
  payload: unknown,
  place: Place,
  places: Places,
): Promise<unknown> {
  const { iam, lambda } = places.in(place);
  if (!(await mayPrincipal(roleArn, 'lambda:InvokeFunction', functionArn, { iam }))) {
    throw new Error(`${roleArn} is not authorized to perform: lambda:InvokeFunction on ${functionArn}`);
  }
  const { Payload, FunctionError } = await lambda.invoke({
    FunctionName: functionArn,
    Payload: Buffer.from(JSON.stringify(payload)),
  });
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(`the function ended in an error: ${text}`);
  return JSON.parse(text || 'null') as unknown;
}
