import * as z from 'zod';
import type { TrustResource } from './trusts-in-template';

const Url = z.object({ TargetFunctionArn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }) });
const WithVariables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });

/** The function with a URL whose environment has this variable: what it is told says which one it is. */
export function calledByUrl(
  resources: readonly TrustResource[],
  variable: string,
): TrustResource | undefined {
  return resources.find(({ type, properties }) => {
    const url = type === 'AWS::Lambda::Url' ? Url.safeParse(properties).data : undefined;
    const target = resources.find(({ logicalId }) => logicalId === url?.TargetFunctionArn['Fn::GetAtt'][0]);
    return variable in (WithVariables.safeParse(target?.properties).data?.Environment.Variables ?? {});
  });
}
