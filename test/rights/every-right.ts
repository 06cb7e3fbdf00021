import type { Template } from 'aws-cdk-lib/assertions';
import { text } from '../support/synthesise';

/**
 * Every right in a template as lines that can be compared: who, what, where, and on which condition.
 *
 * A line of `allow` that is new is a right that grew. A line of `deny` that is gone is one too.
 */
export interface Rights {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

type Conditions = Record<string, Record<string, unknown>>;

interface Statement {
  readonly Effect: string;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Conditions;
}

/** Where a type of resource has a policy, and the resources that it is of. */
const RESOURCE_POLICIES: Record<string, (properties: any, id: string) => readonly [unknown, unknown][]> = {
  'AWS::SQS::QueuePolicy': ({ PolicyDocument, Queues }) =>
    (Queues as unknown[]).map(queue => [onlyOf(queue, PolicyDocument), queue]),
  'AWS::S3::BucketPolicy': ({ PolicyDocument, Bucket }) => [[PolicyDocument, Bucket]],
  'AWS::SNS::TopicPolicy': ({ PolicyDocument, Topics }) =>
    (Topics as unknown[]).map(topic => [PolicyDocument, topic]),
  'AWS::Events::EventBusPolicy': ({ Statement: statement, EventBusName }) => [
    [{ Statement: [statement] }, EventBusName],
  ],
  'AWS::KMS::Key': ({ KeyPolicy }, id) => [[KeyPolicy, { Ref: id }]],
  'AWS::ECR::Repository': ({ RepositoryPolicyText }, id) => [[RepositoryPolicyText, { Ref: id }]],
  'AWS::DynamoDB::GlobalTable': ({ Replicas }, id) =>
    (Replicas as any[]).map(({ ResourcePolicy }) => [ResourcePolicy?.PolicyDocument, { Ref: id }]),
  'AWS::IAM::Role': ({ AssumeRolePolicyDocument }, id) => [[AssumeRolePolicyDocument, { Ref: id }]],
  'AWS::Lambda::Permission': ({ FunctionName, ...permission }) => [
    [{ Statement: [fromPermission(permission)] }, FunctionName],
  ],
};

/** What a policy of several queues says of the others does nothing here. */
function onlyOf(queue: unknown, document: unknown): { readonly Statement: readonly Statement[] } {
  const said = statementsOf(document).map(({ Resource, ...rest }) => ({
    ...rest,
    Resource: list(Resource).filter(each => text(each) === '*' || text(each).startsWith(text(queue))),
  }));
  return { Statement: said.filter(({ Resource }) => Resource.length > 0) };
}

const IDENTITY_POLICIES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];

export function everyRight(template: Template): Rights {
  const { Resources } = template.toJSON() as {
    Resources: Record<string, { Type: string; Properties?: any }>;
  };
  const lines = Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => [
    ...ofIdentities(id, Type, Properties),
    ...(RESOURCE_POLICIES[Type]?.(Properties, id) ?? []).flatMap(([document, owner]) =>
      statementsOf(document).flatMap(statement => resourceLines(statement, text(owner))),
    ),
  ]);
  const of = (effect: string) => [
    ...new Set(lines.filter(line => line[0] === effect).map(([, line]) => line)),
  ];
  return { allow: of('Allow').sort(), deny: of('Deny').sort() };
}

type Line = readonly [effect: string, line: string];

function ofIdentities(id: string, type: string, properties: any): Line[] {
  if (type === 'AWS::IAM::Role') {
    return (properties.Policies ?? []).flatMap(({ PolicyDocument }: any) =>
      identityLines(PolicyDocument, [{ Ref: id }]),
    );
  }
  if (!IDENTITY_POLICIES.includes(type)) return [];
  const { PolicyDocument, Roles = [], Users = [], Groups = [] } = properties;
  return identityLines(PolicyDocument, [...Roles, ...Users, ...Groups]);
}

function identityLines(document: unknown, owners: readonly unknown[]): Line[] {
  return owners.flatMap(owner =>
    statementsOf(document).flatMap(statement => linesOf(statement, `role ${text(owner)}`, undefined)),
  );
}

function resourceLines(statement: Statement, owner: string): Line[] {
  const { Principal, NotPrincipal } = statement;
  if (NotPrincipal !== undefined) throw new Error(`NotPrincipal in the policy of ${owner}`);
  return principalsOf(Principal).flatMap(principal => linesOf(statement, principal, owner));
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === 'string') return [principal];
  return Object.entries(principal as object).flatMap(([kind, values]) =>
    list(values).map(value => `${kind} ${text(value)}`),
  );
}

/** In a resource policy, `*` and the resource itself are the same. */
function linesOf(statement: Statement, principal: string, owner: string | undefined): Line[] {
  const { Effect, Action, NotAction, Resource = '*', NotResource } = statement;
  if (NotAction !== undefined || NotResource !== undefined) {
    throw new Error(`NotAction or NotResource for ${principal}`);
  }
  const where = (resource: unknown) =>
    owner === undefined || text(resource) === '*' ? (owner ?? text(resource)) : inside(text(resource), owner);
  const not = Effect === 'Deny' ? 'not ' : '';
  return list(Action).flatMap(action =>
    list(Resource).flatMap(resource =>
      conditionsOf(statement).map(([effect, condition]): Line => {
        const line = `${principal}: ${not}${text(action)} ${where(resource)}${condition}`;
        return [effect, line.replace(/[0-9a-f]{64}/g, '<hash>')]; // an asset: it changes with its sources
      }),
    ),
  );
}

/** What is said of another resource than the owner of the policy is said of none: the owner is named. */
function inside(resource: string, owner: string): string {
  return resource.startsWith(owner) ? resource : `${resource} of ${owner}`;
}

/**
 * Several values of a condition that allows are as many rights. Those whom a denial leaves out are as many
 * rights too: they are told apart from the denial.
 */
function conditionsOf({ Effect, Condition = {} }: Statement): [effect: string, text: string][] {
  const keys = Object.entries(Condition).flatMap(([operator, values]) =>
    Object.entries(values).map(([key, value]) => ({ operator, key, values: list(value).map(text) })),
  );
  if (Effect === 'Allow') {
    let combined = [''];
    for (const { operator, key, values } of keys) {
      const each = operator.includes('Not') ? [values.sort().join('|')] : values;
      combined = combined.flatMap(before => each.map(value => `${before} if ${operator} ${key} ${value}`));
    }
    return combined.map(condition => ['Allow', condition]);
  }
  const excepting = (operator: string) => operator.includes('Not');
  const said = keys
    .map(({ operator, key, values }) =>
      excepting(operator)
        ? ` but for some ${operator} ${key}`
        : ` if ${operator} ${key} ${values.sort().join('|')}`,
    )
    .join('');
  const excepted = keys
    .filter(({ operator }) => excepting(operator))
    .flatMap(({ operator, key, values }) => values.map(value => ` excepts ${operator} ${key} ${value}`));
  const rights = excepted.map((each): [string, string] => ['Allow', each]);
  return [['Deny', said], ...rights];
}

function fromPermission({
  Action,
  Principal,
  SourceArn,
  SourceAccount,
  FunctionUrlAuthType,
}: any): Statement {
  return {
    Effect: 'Allow',
    Action,
    Principal: { Service: Principal },
    Condition: {
      ...(SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
      ...(FunctionUrlAuthType !== undefined && {
        StringLike: { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType },
      }),
    },
  };
}

function statementsOf(document: any): Statement[] {
  return document === undefined ? [] : document.Statement;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
