import { Place, Places } from './places';
import { ResourcePolicy } from './resource-policy';
import { tablePolicy } from './table-policy';

/** A table, key, queue or repository of another account, as a call names it. */
export interface ForeignResource {
  readonly owner: Place;
  readonly arn: string;
  /** The values of the service's condition keys, by their names in lower case. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /** Undefined if it has none. */
  policy(places: Places): Promise<ResourcePolicy | undefined>;
}

/** The fields of requests that name resources. */
export interface NamingBody {
  readonly TableName?: string;
  readonly Key?: Readonly<Record<string, { readonly S?: string }>>;
  readonly KeyId?: string;
  readonly QueueUrl?: string;
  readonly registryId?: string;
  readonly repositoryName?: string;
}

/** The resource that a call names by its account; undefined if it names none. */
export function foreignResource(
  service: string,
  body: NamingBody,
  { region }: Pick<Place, 'region'>,
): ForeignResource | undefined {
  switch (service) {
    case 'dynamodb':
      return ofArn(body.TableName, (owner, arn) => table(owner, arn, body));
    case 'kms':
      return ofArn(body.KeyId, key);
    case 'sqs':
      return queue(body, region);
    case 'ecr':
      return repository(body, region);
    default:
      return undefined;
  }
}

function ofArn(
  arn: string | undefined,
  make: (owner: Place, arn: string) => ForeignResource,
): ForeignResource | undefined {
  const [scheme, , , region, account] = arn?.split(':') ?? [];
  if (arn === undefined || scheme !== 'arn' || region === undefined || account === undefined) {
    return undefined;
  }
  return make({ account, region }, arn);
}

function table(owner: Place, arn: string, { Key = {} }: NamingBody): ForeignResource {
  const rows = Object.values(Key).flatMap(({ S }) => S ?? []);
  return {
    owner,
    arn,
    keys: rows.length === 0 ? {} : { 'dynamodb:leadingkeys': rows },
    policy: places => tablePolicy(places, owner, arn.split('/')[1]!),
  };
}

function key(owner: Place, arn: string): ForeignResource {
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
function queue({ QueueUrl }: NamingBody, region: string): ForeignResource | undefined {
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

function repository(
  { registryId: account, repositoryName }: NamingBody,
  region: string,
): ForeignResource | undefined {
  if (account === undefined || repositoryName === undefined) return undefined;
  const owner = { account, region };
  return {
    owner,
    arn: `arn:aws:ecr:${region}:${account}:repository/${repositoryName}`,
    keys: {},
    policy: async places =>
      parsed((await places.in(owner).ecr.getRepositoryPolicy({ repositoryName })).policyText),
  };
}

function parsed(text: string | undefined): ResourcePolicy | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as ResourcePolicy);
}
