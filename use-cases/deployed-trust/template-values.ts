export interface DeployedResource {
  readonly type: string;
  readonly physicalId: string;
  /** As CloudFormation says, and since when. */
  readonly status?: string;
  readonly at?: Date;
}

/** What is known of a deployed stack beside its template. */
export interface DeployedFacts {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Physical ids by logical ids. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
}

/**
 * The value of an expression in a template, as the stack was deployed. Undefined where it is not known from
 * outside. Nothing is imported: the resources of a trust name each other's roles, so they are in one stack.
 */
export function deployedValue(expression: unknown, facts: DeployedFacts): string | undefined {
  if (typeof expression === 'string') return expression;
  if (typeof expression === 'number') return String(expression);
  if (typeof expression !== 'object' || expression === null) return undefined;
  const [[name, argument] = []] = Object.entries(expression);
  switch (name) {
    case 'Ref':
      return typeof argument === 'string' ? referenced(argument, facts) : undefined;
    case 'Fn::GetAtt':
      return attribute(argument, facts);
    case 'Fn::Join':
      return joined(argument, facts);
    default:
      return undefined;
  }
}

function referenced(
  name: string,
  { account, region, partition, parameters, resources }: DeployedFacts,
): string | undefined {
  switch (name) {
    case 'AWS::AccountId':
      return account;
    case 'AWS::Region':
      return region;
    case 'AWS::Partition':
      return partition;
    case 'AWS::URLSuffix':
      return partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    default:
      return resources.get(name)?.physicalId ?? parameters.get(name);
  }
}

/** Only of keys, whose ARN follows from their id. */
function attribute(
  argument: unknown,
  { account, region, partition, resources }: DeployedFacts,
): string | undefined {
  const [logicalId, name] = (Array.isArray(argument) ? argument : String(argument).split('.')) as string[];
  const resource = resources.get(logicalId ?? '');
  if (name !== 'Arn' || resource?.type !== 'AWS::KMS::Key') return undefined;
  return `arn:${partition}:kms:${region}:${account}:key/${resource.physicalId}`;
}

function joined(argument: unknown, facts: DeployedFacts): string | undefined {
  const [separator, parts] = argument as [unknown, unknown];
  if (typeof separator !== 'string' || !Array.isArray(parts)) return undefined;
  const values = parts.map(part => deployedValue(part, facts));
  return values.some(value => value === undefined) ? undefined : values.join(separator);
}
