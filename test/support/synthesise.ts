import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ImageTrust, RepositorySelector, type ImageTrustProps } from '../../src';

// TableV2 of aws-cdk-lib 2.258 uses two deprecated properties of its own
process.env.JSII_DEPRECATED = 'quiet';

/**
 * Bundles are hashed, not copied: what they contain is another test's matter. And nobody asks in which line a
 * resource was made.
 */
export const FAST = {
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:disable-creation-stack-traces': true,
};

export function newStack(context: Record<string, unknown> = {}, props: StackProps = {}): Stack {
  const app = new App({ context: { ...FAST, ...context }, analyticsReporting: false, treeMetadata: false });
  return new Stack(app, 'Test', props);
}

export interface TrustStack {
  readonly stack: Stack;
  readonly trust: ImageTrust;
  readonly template: Template;
}

/**
 * An ImageTrust in a stack. The template is made when it is first asked for: nothing can be added afterwards.
 */
export function trustStack(
  props: Partial<ImageTrustProps> = {},
  context: Record<string, unknown> = {},
): TrustStack {
  const stack = newStack(context);
  const trust = new ImageTrust(stack, 'Trust', {
    repositories: [RepositorySelector.prefix('team/')],
    ...props,
  });
  let template: Template | undefined;
  return {
    stack,
    trust,
    get template() {
      return (template ??= Template.fromStack(stack));
    },
  };
}

/**
 * A value of a template as one line: a reference is the logical id without its hash, a pseudo parameter is
 * its name.
 */
export function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(text).join(',');
  const [[key, argument]] = Object.entries(value) as [[string, any]];
  switch (key) {
    case 'Ref':
      return nameOf(argument);
    case 'Fn::GetAtt':
      return nameOf(argument[0]);
    case 'Fn::Join':
      return argument[1].map(text).join(argument[0]);
    case 'Fn::Sub':
      return argument;
    default:
      return JSON.stringify(value);
  }
}

export function nameOf(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '').replace(/^AWS::/, '');
}

export interface Statement {
  readonly sid?: string;
  readonly effect: string;
  readonly actions: string[];
  readonly resources: string[];
  readonly principal?: string;
  readonly condition?: any;
}

export function statementsOf(document: { Statement: any[] }): Statement[] {
  const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(text);
  return document.Statement.map(({ Sid, Effect, Action, Resource, Principal, Condition }) => ({
    sid: Sid,
    effect: Effect,
    actions: list(Action),
    resources: list(Resource),
    ...(Principal !== undefined && {
      principal: typeof Principal === 'string' ? Principal : text(Object.values(Principal)[0]),
    }),
    ...(Condition !== undefined && { condition: Condition }),
  }));
}

/** What the signer may in a repository: push a manifest and its blobs, and read what is there. */
export const PUSH = [
  'BatchCheckLayerAvailability',
  'BatchGetImage',
  'CompleteLayerUpload',
  'GetDownloadUrlForLayer',
  'InitiateLayerUpload',
  'PutImage',
  'UploadLayerPart',
].map(action => `ecr:${action}`);

/** Who may assume a role, by its logical id without the hash of the CDK. */
export function whoMayAssume(template: Template, role: string): object[] {
  const roles = Object.entries(template.findResources('AWS::IAM::Role'));
  return roles.find(([id]) => nameOf(id) === role)![1].Properties.AssumeRolePolicyDocument.Statement;
}

/** The functions that policies of their own open to somebody. */
export function openFunctions(template: Template): string[] {
  const permissions = Object.values(template.findResources('AWS::Lambda::Permission'));
  return permissions.map(({ Properties }) => text(Properties.FunctionName));
}

/** The policies of every role, by the role's name. */
export function roleStatements(template: Template): Map<string, Statement[]> {
  const roles = new Map<string, Statement[]>(
    Object.keys(template.findResources('AWS::IAM::Role')).map(id => [nameOf(id), []]),
  );
  for (const [id, { Properties }] of Object.entries(template.findResources('AWS::IAM::Role'))) {
    for (const { PolicyDocument } of Properties.Policies ?? []) {
      roles.get(nameOf(id))!.push(...statementsOf(PolicyDocument));
    }
  }
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) {
    for (const { Properties } of Object.values(template.findResources(type))) {
      for (const role of Properties.Roles ?? []) {
        roles.get(text(role))!.push(...statementsOf(Properties.PolicyDocument));
      }
    }
  }
  return roles;
}

/** Everything that a role may, a line each; what reads queues, and the function's own log, left out. */
export function rightsOf(statements: readonly Statement[]): string[] {
  const rights = statements.flatMap(({ effect, actions, resources }) =>
    actions.flatMap(action => resources.map(resource => `${effect} ${action} ${resource}`)),
  );
  return [...new Set(rights)].filter(right => !/ (?:sqs:(?!SendMessage )|logs:)/.test(right)).sort();
}

/** The variables of the function whose description starts like this, each as one line. */
export function environmentOf(template: Template, description: string): Record<string, string> {
  const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(
    ({ Properties }) => Properties,
  );
  const found = functions.find(({ Description }) => String(Description).startsWith(description));
  if (found === undefined) {
    throw new Error(
      `no function "${description}", there are: ${functions.map(({ Description }) => Description).join(', ')}`,
    );
  }
  return Object.fromEntries(
    Object.entries(found.Environment.Variables).map(([name, value]) => [name, text(value)]),
  );
}

/** The policy of the resource whose name this is. */
export function resourcePolicy(
  template: Template,
  type: string,
  owner: string,
  property = 'PolicyDocument',
): Statement[] {
  const found = Object.entries(template.findResources(type)).find(([id]) => nameOf(id) === owner);
  if (found === undefined) {
    throw new Error(
      `no ${type} ${owner}, there are: ${Object.keys(template.findResources(type)).map(nameOf).join(', ')}`,
    );
  }
  return statementsOf(found[1].Properties[property]);
}

/** Whom a Deny leaves out: the names of the roles whose ARN it compares with. */
export function exceptedRoles({ condition }: Statement): string[] {
  const arns: unknown[] = [condition?.ArnNotLike?.['aws:PrincipalArn']].flat();
  return arns.filter(arn => typeof arn === 'object' && arn !== null && 'Fn::GetAtt' in arn).map(text);
}
