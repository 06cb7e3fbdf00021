import { Place, Places } from './accounts/places';
import { letsIn, type ResourcePolicy } from './accounts/resource-policy';
import type { AwsClients } from './aws-clients';
import { mayPrincipal } from './rights';

/** A service that invokes a function with a role that it was given. */
export interface Invoker {
  readonly principal: string;
  /** What it says of itself when it assumes the role: condition keys, by their names in lower case. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly roleArn: string;
}

/**
 * What a function answers to a service that calls it with the role it was given. The role must trust the
 * service, and its rights count.
 */
export async function invokeAs(
  invoker: Invoker,
  functionArn: string,
  payload: unknown,
  place: Place,
  places: Places,
): Promise<unknown> {
  const { iam, lambda } = places.in(place);
  const { principal, roleArn } = invoker;
  if (!(await isTrusted(invoker, place, iam))) {
    throw new Error(`${principal} is not authorized to perform: sts:AssumeRole on ${roleArn}`);
  }
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

async function isTrusted(
  { principal, keys, roleArn }: Invoker,
  { account }: Place,
  iam: AwsClients['iam'],
): Promise<boolean> {
  const { Role } = await iam.getRole({ RoleName: roleArn.split('/').at(-1) });
  const policy = JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)) as ResourcePolicy;
  return letsIn(policy, { account, service: principal, action: 'sts:AssumeRole', keys });
}
