import { templateProperties } from '../template-properties';
import { Place, Places } from './places';
import { withPseudoParameters } from './pseudo-parameters';
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
  return document === undefined ? undefined : (withPseudoParameters(document, owner) as ResourcePolicy);
}
