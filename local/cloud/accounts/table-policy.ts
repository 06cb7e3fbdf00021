import { templateProperties } from '../template-properties';
import { Place, Places } from './places';
import { ResourcePolicy } from './resource-policy';

interface GlobalTable {
  readonly Replicas?: readonly {
    readonly Region?: unknown;
    readonly ResourcePolicy?: { readonly PolicyDocument?: unknown };
  }[];
}

/**
 * The policy of a table, from the template it was deployed with: MiniStack forgets it. A table is in one
 * region here.
 */
export async function tablePolicy(
  places: Places,
  owner: Place,
  tableName: string,
): Promise<ResourcePolicy | undefined> {
  const properties = await templateProperties(places.in(owner), 'AWS::DynamoDB::GlobalTable', tableName);
  const document = (properties as GlobalTable).Replicas?.[0]?.ResourcePolicy?.PolicyDocument;
  return document === undefined ? undefined : (resolved(document, owner) as ResourcePolicy);
}

/** What depends on nothing but the place; references to other resources stay, and match nothing. */
function resolved(value: unknown, { account, region }: Place): unknown {
  const pseudo: Record<string, string> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
  };
  const resolve = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(resolve);
    if (typeof each !== 'object' || each === null) return each;
    const { Ref: ref, 'Fn::Join': join } = each as {
      Ref?: string;
      'Fn::Join'?: [separator: string, parts: unknown[]];
    };
    if (ref !== undefined) return pseudo[ref] ?? each;
    if (join !== undefined) {
      const parts = resolve(join[1]) as unknown[];
      return parts.every(part => typeof part === 'string') ? parts.join(join[0]) : each;
    }
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, resolve(inner)]));
  };
  return resolve(value);
}
