import { foreignResource, NamingBody } from './foreign-resource';
import { whyNotLetIn } from './let-in';
import { Places } from './places';
import { errorAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { mayAfterAll } from '../rights';
import { messageOf, Say } from '../say';

/**
 * Calls for a table, key, queue, repository or event bus of another account. MiniStack sees of them queues
 * only, and each account has an organization of its own there. The caller's own policies are MiniStack's: it
 * refuses, or it says that the resource is not there. Then the resource's policy is judged, and the call goes
 * on as one of the owner.
 */
export function crossAccountRoute(places: Places, say: Say): Route {
  return async call => {
    if (call.target === undefined || call.accessKeyId === undefined) return undefined;
    if (!['dynamodb', 'kms', 'ecr', 'events', 'sqs'].includes(call.service)) return undefined;
    const caller = await places.of(call);
    const resource = foreignResource(call.service, await call.json<NamingBody>(), caller);
    if (resource === undefined || resource.owner.account === caller.account) return undefined;
    const own = await call.forward();
    if (call.service === 'sqs' && own.status === 200) return own;
    const action = actionOf(call);
    // MiniStack may have asked for the right to a resource of the caller's account
    const isDenied = /AccessDenied/.test(own.body.toString());
    if (isDenied && !(await mayAfterAll(own, [resource.arn], places.in(caller), action))) return own;
    const why = await whyNotLetIn(resource, caller.account, action, places).catch((error: unknown) => {
      say(`${action} of ${caller.account} on ${resource.arn} is refused: ${messageOf(error)}`);
      return messageOf(error);
    });
    if (why !== undefined) return errorAnswer('AccessDeniedException', why);
    if (call.service === 'events') {
      // it would get the account of the owner, where AWS writes that of the caller
      return errorAnswer('InternalFailure', 'an event for a bus of another account is not emulated', 500);
    }
    call.actAsRoot(resource.owner);
    return undefined;
  };
}

/** ECR asks for the right to get images, where it lists what belongs to one. */
function actionOf({ service, target }: Call): string {
  const operation = target!.operation === 'ListImageReferrers' ? 'BatchGetImage' : target!.operation;
  return `${service}:${operation}`;
}
