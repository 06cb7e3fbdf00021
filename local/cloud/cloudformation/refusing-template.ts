import { inserted, ownFunction } from './inserted';
import type { Resource } from './rewrites';
import type { Template } from './template';

/** What an update must not change. What it becomes is known only while it is carried out. */
export interface Kept {
  readonly was: string;
  /** As the template has it. Undefined if it is gone. */
  readonly is: unknown;
  /** What CloudFormation says. */
  readonly why: string;
}

export interface Refusals {
  /** By the logical id of the resource that is not updated if one of them changes. */
  readonly before: ReadonlyMap<string, Kept>;
  /** What is looked at when all resources are there. */
  readonly atTheEnd: readonly Kept[];
}

const JUDGE = 'LocalCloudRefusals';
const TYPE = 'Custom::LocalCloudRefusal';
const CODE = `exports.handler = async ({ RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties }) => {
  const changed = RequestType === 'Delete' ? undefined : ResourceProperties.Kept.find(({ Was, Is }) => Was !== Is);
  await fetch(ResponseURL, {
    method: 'PUT',
    body: JSON.stringify({
      Status: changed === undefined ? 'SUCCESS' : 'FAILED',
      Reason: changed?.Why,
      PhysicalResourceId: LogicalResourceId,
      StackId,
      RequestId,
      LogicalResourceId,
    }),
  });
};`;

/**
 * A template in which custom resources fail in place of what CloudFormation refuses in the middle of an
 * update: MiniStack resolves the values, and rolls back. Undefined if there is nothing to refuse.
 */
export function refusingTemplate(template: Template, { before, atTheEnd }: Refusals): Template | undefined {
  if (before.size === 0 && atTheEnd.length === 0) return undefined;
  const resources = Object.entries(template.Resources ?? {});
  const guarded = resources.flatMap(([id, resource]): [string, Resource][] => {
    const kept = before.get(id);
    if (kept === undefined) return [[id, resource]];
    const guard = `${id}LocalCloudRefusal`;
    const DependsOn = [...[resource.DependsOn ?? []].flat(), guard];
    const { Condition } = resource;
    return [
      [guard, { ...judged([kept]), ...(Condition !== undefined && { Condition }) }],
      [id, { ...resource, DependsOn }],
    ];
  });
  const everything = resources.filter(([, { Condition }]) => Condition === undefined).map(([id]) => id);
  return inserted(template, {
    ...Object.fromEntries(guarded),
    [JUDGE]: ownFunction(CODE),
    ...(atTheEnd.length > 0 && { [`${JUDGE}AtTheEnd`]: { ...judged(atTheEnd), DependsOn: everything } }),
  });
}

function judged(kept: readonly Kept[]): Resource {
  const Kept = kept.map(({ was, is, why }) => ({ Was: was, Is: is, Why: why }));
  const ServiceToken = { 'Fn::GetAtt': [JUDGE, 'Arn'] };
  return { Type: TYPE, Properties: { ServiceToken, ServiceTimeout: '60', Kept } };
}
