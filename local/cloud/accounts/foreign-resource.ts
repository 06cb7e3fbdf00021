import { RepositoryPolicyNotFoundException } from '@aws-sdk/client-ecr';
import { busPolicy } from './bus-policy';
import type { Judged } from './let-in';
import type { Place } from './places';
import type { ResourcePolicy } from './resource-policy';
import { tablePolicy } from './table-policy';

type Attributes = Readonly<Record<string, { readonly S?: string }>>;

/** The fields of requests that name resources. */
export interface NamingBody {
  readonly TableName?: string;
  readonly Key?: Attributes;
  /** Of a query: `<key> = :value`. */
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeValues?: Attributes;
  readonly KeyId?: string;
  readonly QueueUrl?: string;
  readonly registryId?: string;
  readonly repositoryName?: string;
  readonly Entries?: readonly { readonly EventBusName?: string }[];
}

/** The resource of another account that a call names by its account; undefined if it names none. */
export function foreignResource(
  service: string,
  body: NamingBody,
  { region }: Pick<Place, 'region'>,
): Judged | undefined {
  switch (service) {
    case 'dynamodb':
      return ofArn(body.TableName, (owner, arn) => table(owner, arn, body));
    case 'kms':
      return ofArn(body.KeyId, key);
    case 'events':
      return ofArn(
        body.Entries?.map(({ EventBusName }) => EventBusName).find(name => name?.startsWith('arn:')),
        (owner, arn) => eventBus(owner, arn, false),
      );
    case 'sqs':
      return queue(body, region);
    case 'ecr':
      return body.registryId === undefined || body.repositoryName === undefined
        ? undefined
        : repository({ account: body.registryId, region }, body.repositoryName);
    default:
      return undefined;
  }
}

function ofArn(arn: string | undefined, make: (owner: Place, arn: string) => Judged): Judged | undefined {
  const [scheme, , , region, account] = arn?.split(':') ?? [];
  if (arn === undefined || scheme !== 'arn' || region === undefined || account === undefined) {
    return undefined;
  }
  return make({ account, region }, arn);
}

function table(owner: Place, arn: string, body: NamingBody): Judged {
  const { Key = {}, KeyConditionExpression, ExpressionAttributeValues = {} } = body;
  const [, queried] = /^\w+ = (:\w+)$/.exec(KeyConditionExpression ?? '') ?? [];
  const named = queried === undefined ? Object.values(Key) : [ExpressionAttributeValues[queried] ?? {}];
  const rows = named.flatMap(({ S }) => S ?? []);
  return {
    owner,
    arn,
    keys: rows.length === 0 ? {} : { 'dynamodb:leadingkeys': rows },
    policy: places => tablePolicy(places, owner, arn.split('/')[1]!),
  };
}

function key(owner: Place, arn: string): Judged {
  return {
    owner,
    arn,
    keys: {},
    policy: async places => {
      const { Policy } = await places.in(owner).kms.getKeyPolicy({ KeyId: arn, PolicyName: 'default' });
      return parsed(Policy);
    },
  };
}

/** Its URL names the account, and the signature the region. */
function queue({ QueueUrl }: NamingBody, region: string): Judged | undefined {
  const [, account, name] = /\/(\d{12})\/([^/]+)$/.exec(QueueUrl ?? '') ?? [];
  if (account === undefined) return undefined;
  const owner = { account, region };
  return {
    owner,
    arn: `arn:aws:sqs:${region}:${account}:${name}`,
    keys: {},
    policy: async places => {
      const request = { QueueUrl, AttributeNames: ['Policy' as const] };
      return parsed((await places.in(owner).sqs.getQueueAttributes(request)).Attributes?.Policy);
    },
  };
}

export function repository(owner: Place, repositoryName: string): Judged {
  return {
    owner,
    arn: `arn:aws:ecr:${owner.region}:${owner.account}:repository/${repositoryName}`,
    keys: {},
    policy: async places => {
      try {
        return parsed((await places.in(owner).ecr.getRepositoryPolicy({ repositoryName })).policyText);
      } catch (error) {
        if (error instanceof RepositoryPolicyNotFoundException) return undefined;
        throw error;
      }
    },
  };
}

/** An event comes by a rule, or by a call. */
export function eventBus(owner: Place, arn: string, isByRule: boolean): Judged {
  return {
    owner,
    arn,
    keys: { 'events:eventbusinvocation': [String(isByRule)] },
    policy: places => busPolicy(places, owner, busName(arn)),
  };
}

export function busName(arn: string): string {
  return arn.split(':event-bus/')[1]!;
}

function parsed(text: string | undefined): ResourcePolicy | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as ResourcePolicy);
}
