import { Place, Places } from './accounts/places';

/**
 * What a function answers to a service that calls it with the role it was given. The role's rights count.
 * Whom it trusts, nobody looks at.
 */
export async function invokeAs(
  RoleArn: string,
  FunctionName: string,
  payload: unknown,
  place: Place,
  places: Places,
): Promise<unknown> {
  const { Credentials } = await places.in(place).sts.assumeRole({ RoleArn, RoleSessionName: 'service' });
  const { lambda } = places.as(place, {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });
  const { Payload, FunctionError } = await lambda.invoke({
    FunctionName,
    Payload: Buffer.from(JSON.stringify(payload)),
  });
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(`the function ended in an error: ${text}`);
  return JSON.parse(text || 'null') as unknown;
}
