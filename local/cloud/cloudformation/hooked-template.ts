import { inserted, ownFunction } from './inserted';
import type { Resource } from './rewrites';
import type { Template } from './template';

export const LAMBDA_HOOK = 'AWS::CloudFormation::LambdaHook';
/** What a hook becomes, and what asks hooks before a resource. */
export const HOOK = 'Custom::LocalCloudHook';
export const HOOK_CALL = 'Custom::LocalCloudHookCall';

const CALLER = 'LocalCloudHooks';
/** In seconds: longer than the last look of a hook. */
const ServiceTimeout = '300';
const CODE = `exports.handler = event => fetch(process.env.AWS_ENDPOINT_URL + '/_local/hooks', {
  method: 'POST',
  headers: { 'x-local-token': process.env.TOKEN },
  body: JSON.stringify(event),
});`;

/**
 * A template in which custom resources tell the gateway of Lambda hooks, and ask it before each resource of
 * these types: MiniStack waits for their answers, and resolves the properties. Undefined if it has neither.
 */
export function hookedTemplate(
  template: Template,
  types: ReadonlySet<string>,
  token: string,
): Template | undefined {
  const resources = Object.entries(template.Resources ?? {});
  if (!resources.some(([, { Type }]) => Type === LAMBDA_HOOK || types.has(Type))) return undefined;
  const ServiceToken = { 'Fn::GetAtt': [CALLER, 'Arn'] };
  const hooked = resources.flatMap(([id, resource]): [string, Resource][] => {
    const { Type, Properties, DependsOn, Condition } = resource;
    if (Type === LAMBDA_HOOK) {
      return [[id, { ...resource, Type: HOOK, Properties: { ServiceToken, ServiceTimeout, ...Properties } }]];
    }
    if (!types.has(Type)) return [[id, resource]];
    const call = `${id}LocalCloudHook`;
    return [
      [
        call,
        {
          Type: HOOK_CALL,
          Properties: {
            ServiceToken,
            ServiceTimeout,
            TargetName: Type,
            TargetLogicalId: id,
            ResourceProperties: Properties ?? {},
          },
          ...(DependsOn !== undefined && { DependsOn }),
          ...(Condition !== undefined && { Condition }),
        },
      ],
      [id, { ...resource, DependsOn: [...[DependsOn ?? []].flat(), call] }],
    ];
  });
  return inserted(template, {
    ...Object.fromEntries(hooked),
    [CALLER]: ownFunction(CODE, { TOKEN: token }),
  });
}
