import type { Place, Places } from './places';
import { letsIn, type ResourcePolicy } from './resource-policy';

/** The organization of every account of the cloud, but of those that begin with these digits. */
export const ORGANIZATION = 'o-embedded01';
const OTHERS: Readonly<Record<string, string | undefined>> = { 8: 'o-embedded08', 9: undefined };

/** A resource, as its policy is judged. */
export interface Judged {
  readonly owner: Place;
  readonly arn: string;
  /** The values of the service's condition keys, by their names in lower case. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Undefined if it has none. */
  policy(places: Places): Promise<ResourcePolicy | undefined>;
}

/** Why the policy of a resource does not let another account in; undefined if it does. */
export async function whyNotLetIn(
  resource: Judged,
  account: string,
  action: string,
  places: Places,
): Promise<string | undefined> {
  const policy = await resource.policy(places);
  const organization = organizationOf(account);
  const keys = {
    'aws:principalaccount': [account],
    'aws:securetransport': ['true'],
    ...(organization !== undefined && { 'aws:principalorgid': [organization] }),
    ...resource.keys,
  };
  if (policy !== undefined && letsIn(policy, { account, action, keys })) return undefined;
  return `User: arn:aws:iam::${account}:root is not authorized to perform: ${action} on resource: ${resource.arn} because no resource-based policy allows the ${action} action`;
}

function organizationOf(account: string): string | undefined {
  return account[0]! in OTHERS ? OTHERS[account[0]!] : ORGANIZATION;
}
