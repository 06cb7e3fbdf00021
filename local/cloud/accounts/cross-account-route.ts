import { Upstream } from '../gateway/upstream';
import { mayAfterAll } from '../rights';
import { Answer, errorAnswer } from '../gateway/answer';
import { Call } from '../gateway/call';
import { Route } from '../gateway/route';
import { messageOf, Say } from '../say';
import { Place, Places } from './places';
import { letsIn, ResourcePolicy } from './resource-policy';

/** The organization of every account of the cloud but the strangers'. */
export const ORGANIZATION = 'o-embedded01';
/** Accounts that begin with this digit are in no organization. */
const STRANGER = '9';

/** What a request names of another account. */
interface Named {
  readonly owner: Place;
  /** MiniStack asks for the right to a repository on one of the caller's account. */
  readonly arn: string;
  /** The policy of what is named; undefined if it has none. */
  policy(places: Places): Promise<string | undefined>;
  /** Condition keys of the service. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

interface Body {
  readonly TableName?: string;
  readonly Key?: Readonly<Record<string, { readonly S?: string }>>;
  readonly KeyId?: string;
  readonly registryId?: string;
  readonly repositoryName?: string;
}

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
    const named = readNamed(call.service, await call.json<Body>(), caller);
    if (named === undefined || named.owner.account === caller.account) return undefined;
    const own = await call.forward();
    const isDenied = /AccessDenied/.test(own.body.toString());
    if (isDenied && !(await mayAfterAll(own, [named.arn], places.in(caller)))) return own;
    const action = `${call.service}:${call.target.operation}`;
    const isIn = await isLetIn(named, { account: caller.account, action }, places).catch((error: unknown) => {
      say(`a policy was not judged, and its call is refused: ${messageOf(error)}`);
      return false;
    });
    if (!isIn) {
      return errorAnswer(
        'AccessDeniedException',
        `User: arn:aws:iam::${caller.account}:root is not authorized to perform: ${action} on a resource of ${named.owner.account} because no resource-based policy allows the ${action} action`,
      );
    }
    return asOwner(call, named.owner, upstream);
  };
}

async function isLetIn(
  { policy, keys }: Named,
  { account, action }: { readonly account: string; readonly action: string },
  places: Places,
): Promise<boolean> {
  const document = await policy(places);
  if (document === undefined) return false;
  return letsIn(JSON.parse(document) as ResourcePolicy, {
    account,
    action,
    keys: {
      'aws:principalaccount': [account],
      'aws:securetransport': ['true'],
      ...(!account.startsWith(STRANGER) && { 'aws:principalorgid': [ORGANIZATION] }),
      ...keys,
    },
  });
}

function readNamed(service: string, body: Body, { region: here }: Place): Named | undefined {
  if (service === 'ecr') {
    const { registryId, repositoryName } = body;
    if (registryId === undefined || repositoryName === undefined) return undefined;
    const owner = { account: registryId, region: here };
    return {
      owner,
      arn: `arn:aws:ecr:${here}:${registryId}:repository/${repositoryName}`,
      keys: {},
      policy: async places =>
        (await places.in(owner).ecr.getRepositoryPolicy({ repositoryName }).catch(none))?.policyText,
    };
  }
  const arn = service === 'dynamodb' ? body.TableName : body.KeyId;
  const [, , , region, account] = arn?.startsWith('arn:') === true ? arn.split(':') : [];
  if (arn === undefined || region === undefined || account === undefined) return undefined;
  const owner = { account, region };
  if (service === 'kms') {
    return {
      owner,
      arn,
      keys: {},
      policy: async places =>
        (await places.in(owner).kms.getKeyPolicy({ KeyId: arn, PolicyName: 'default' }).catch(none))?.Policy,
    };
  }
  const rows = Object.values(body.Key ?? {}).flatMap(({ S }) => S ?? []);
  return {
    owner,
    arn,
    keys: rows.length === 0 ? {} : { 'dynamodb:leadingkeys': rows },
    policy: async places =>
      (await places.in(owner).dynamodb.getResourcePolicy({ ResourceArn: arn }).catch(none))?.Policy,
  };
}

function none(): undefined {
  return undefined;
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
