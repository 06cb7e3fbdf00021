import { foreignResource, ForeignResource, NamingBody } from './foreign-resource';
import { Places } from './places';
import { letsIn } from './resource-policy';
import { Answer, errorAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { mayAfterAll } from '../rights';
import { messageOf, Say } from '../say';

/** The organization of every account of the cloud, but of those that begin with these digits. */
export const ORGANIZATION = 'o-embedded01';
const OTHERS: Readonly<Record<string, string | undefined>> = { 8: 'o-embedded08', 9: undefined };

/**
 * Calls for a table, key, queue or repository of another account. MiniStack sees of them queues only, and
 * each account has an organization of its own there. The caller's own policies are MiniStack's: it refuses,
 * or it says that the resource is not there. Then the resource's policy is judged, and the call goes on as
 * one of the owner.
 */
export function crossAccountRoute(places: Places, say: Say): Route {
  return async call => {
    if (call.target === undefined || call.accessKeyId === undefined) return undefined;
    if (!['dynamodb', 'kms', 'ecr', 'sqs'].includes(call.service)) return undefined;
    const caller = await places.of(call);
    const resource = foreignResource(call.service, await call.json<NamingBody>(), caller);
    if (resource === undefined || resource.owner.account === caller.account) return undefined;
    const own = await call.forward();
    if (call.service === 'sqs' && own.status === 200) return own;
    const action = actionOf(call);
    // MiniStack may have asked for the right to a resource of the caller's account
    const isDenied = /AccessDenied/.test(own.body.toString());
    if (isDenied && !(await mayAfterAll(own, [resource.arn], places.in(caller), action))) return own;
    const isIn = await isLetIn(resource, caller.account, action, places).catch((error: unknown) => {
      say(`${action} of ${caller.account} on ${resource.arn} is refused: ${messageOf(error)}`);
      return false;
    });
    if (!isIn) return denied(caller.account, action, resource.arn);
    call.actAsRoot(resource.owner);
    return undefined;
  };
}

/** ECR asks for the right to get images, where it lists what belongs to one. */
function actionOf({ service, target }: Call): string {
  const operation = target!.operation === 'ListImageReferrers' ? 'BatchGetImage' : target!.operation;
  return `${service}:${operation}`;
}

async function isLetIn(
  resource: ForeignResource,
  account: string,
  action: string,
  places: Places,
): Promise<boolean> {
  const policy = await resource.policy(places);
  if (policy === undefined) return false;
  const organization = organizationOf(account);
  return letsIn(policy, {
    account,
    action,
    keys: {
      'aws:principalaccount': [account],
      'aws:securetransport': ['true'],
      ...(organization !== undefined && { 'aws:principalorgid': [organization] }),
      ...resource.keys,
    },
  });
}

function organizationOf(account: string): string | undefined {
  return account[0]! in OTHERS ? OTHERS[account[0]!] : ORGANIZATION;
}

function denied(account: string, action: string, arn: string): Answer {
  return errorAnswer(
    'AccessDeniedException',
    `User: arn:aws:iam::${account}:root is not authorized to perform: ${action} on resource: ${arn} because no resource-based policy allows the ${action} action`,
  );
}
