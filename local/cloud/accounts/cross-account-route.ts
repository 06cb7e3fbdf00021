import { foreignResource, ForeignResource, NamingBody } from './foreign-resource';
import { Place, Places } from './places';
import { letsIn } from './resource-policy';
import { Answer, errorAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { Upstream } from '../gateway/upstream';
import { mayAfterAll } from '../rights';
import { messageOf, Say } from '../say';

/** The organization of every account of the cloud but strangers. */
export const ORGANIZATION = 'o-embedded01';
/** Accounts that begin with this digit are in no organization. */
const STRANGER = '9';

/**
 * Calls for a table, key or repository of another account, which MiniStack cannot see. The caller's own
 * policies are MiniStack's: it refuses, or it says that the resource is not there. Then the resource's policy
 * is judged, and the call is made again as the owner.
 */
export function crossAccountRoute(places: Places, upstream: Upstream, say: Say): Route {
  return async call => {
    if (call.target === undefined || call.accessKeyId === undefined) return undefined;
    if (!['dynamodb', 'kms', 'ecr'].includes(call.service)) return undefined;
    const caller = await places.of(call);
    const resource = foreignResource(call.service, await call.json<NamingBody>(), caller);
    if (resource === undefined || resource.owner.account === caller.account) return undefined;
    const own = await call.forward();
    // MiniStack may have asked for the right to a resource of the caller's account
    const isDenied = /AccessDenied/.test(own.body.toString());
    if (isDenied && !(await mayAfterAll(own, [resource.arn], places.in(caller)))) return own;
    const action = `${call.service}:${call.target.operation}`;
    const isIn = await isLetIn(resource, caller.account, action, places).catch((error: unknown) => {
      say(`${action} of ${caller.account} on ${resource.arn} is refused: ${messageOf(error)}`);
      return false;
    });
    return isIn ? asOwner(call, resource.owner, upstream) : denied(caller.account, action, resource.arn);
  };
}

async function isLetIn(
  resource: ForeignResource,
  account: string,
  action: string,
  places: Places,
): Promise<boolean> {
  const policy = await resource.policy(places);
  if (policy === undefined) return false;
  return letsIn(policy, {
    account,
    action,
    keys: {
      'aws:principalaccount': [account],
      'aws:securetransport': ['true'],
      ...(!account.startsWith(STRANGER) && { 'aws:principalorgid': [ORGANIZATION] }),
      ...resource.keys,
    },
  });
}

function denied(account: string, action: string, arn: string): Answer {
  return errorAnswer(
    'AccessDeniedException',
    `User: arn:aws:iam::${account}:root is not authorized to perform: ${action} on resource: ${arn} because no resource-based policy allows the ${action} action`,
  );
}

/** MiniStack checks no signature of a root key, and takes the account from the key. */
async function asOwner(call: Call, { account, region }: Place, upstream: Upstream): Promise<Answer> {
  const { 'x-amz-security-token': _, ...headers } = call.headers;
  const credential = `${account}/20260101/${region}/${call.service}/aws4_request`;
  return upstream.send('POST', '/', await call.body(), {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`,
  });
}
