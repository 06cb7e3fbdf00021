import type { AwsSchemas } from './aws-schemas';
import type { CloudFormationTemplate } from '../support/quickstart';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111122223333',
  'AWS::NoValue': '',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::StackId': 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/00000000',
  'AWS::StackName': 'Stack',
  'AWS::URLSuffix': 'amazonaws.com',
};
/** Where AWS's schemas have no template, or one of something else than the `Arn` of the resource. */
const ARNS: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}',
  'AWS::Lambda::LayerVersion': 'arn:${Partition}:lambda:${Region}:${Account}:layer:${LayerName}:1',
  'AWS::Logs::LogGroup': 'arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}:*',
};

export type Templates = Readonly<Record<string, CloudFormationTemplate>>;
export type Resources = CloudFormationTemplate['Resources'];

/**
 * The resources of templates as CloudFormation would make them in one account: each reference is a name, or
 * an ARN as AWS's schemas write it, also a reference to an output of another template.
 */
export function resolved(templates: Templates, schemas: AwsSchemas): Readonly<Record<string, Resources>> {
  const names = Object.keys(templates);
  const outputs = names.flatMap(stack =>
    Object.entries(templates[stack]!.Outputs ?? {}).map(([name, output]) => ({ stack, name, ...output })),
  );
  const resolver = (stack: string) => {
    const { Resources } = templates[stack]!;
    const arnOf = (id: string): string => {
      const type = Resources[id]?.Type ?? '';
      const template = ARNS[type] ?? schemas.arnTemplateOf(type);
      if (template === undefined) {
        throw new Error(`${stack}/${id} is ${type}, whose ARN is not in AWS's schemas`);
      }
      return template
        .replace('${Partition}', 'aws')
        .replace('${Region}', 'us-east-1')
        .replace('${Account}', '111122223333')
        .replaceAll(/\$\{\w+\}/g, id.toLowerCase());
    };
    const isArn = (id: string) => schemas.primaryIdentifierOf(Resources[id]?.Type ?? '')[0]?.endsWith('Arn');
    const output = (of: (each: (typeof outputs)[number]) => boolean): unknown => {
      const found = outputs.find(of);
      return found === undefined ? 'output-of-another-app' : resolver(found.stack)(found.Value);
    };
    const value = (given: unknown): any => {
      if (Array.isArray(given)) return given.map(value);
      if (typeof given !== 'object' || given === null) return given;
      const [[name, argument] = [], ...more] = Object.entries(given) as [string, any][];
      if (name === undefined || more.length > 0 || !/^(?:Ref|Fn::\w+)$/.test(name)) {
        return Object.fromEntries(Object.entries(given).map(([key, each]) => [key, value(each)]));
      }
      switch (name) {
        case 'Ref':
          return PSEUDO[argument] ?? (isArn(argument) ? arnOf(argument) : String(argument).toLowerCase());
        case 'Fn::GetAtt':
          return argument[1].endsWith('Arn') ? arnOf(argument[0]) : argument.join('-').toLowerCase();
        case 'Fn::Join':
          return value(argument[1]).join(argument[0]);
        case 'Fn::Select':
          return value(argument[1])[Number(argument[0])];
        case 'Fn::Split':
          return String(value(argument[1])).split(argument[0]);
        case 'Fn::Sub': {
          const [text, variables] = [argument].flat();
          const known = { ...PSEUDO, ...value(variables ?? {}) };
          return text.replaceAll(
            /\$\{([\w:]+)\}/g,
            (_: string, ref: string) => known[ref] ?? ref.toLowerCase(),
          );
        }
        case 'Fn::ImportValue':
          return output(each => each.Export?.Name === argument);
        case 'Fn::GetStackOutput':
          return output(each => each.stack === argument.StackName && each.name === argument.OutputName);
        default:
          throw new Error(`${stack} has ${name}, which this does not resolve: add it`);
      }
    };
    return value;
  };
  return Object.fromEntries(names.map(stack => [stack, resolver(stack)(templates[stack]!.Resources)]));
}

/** A policy, and whose it is. */
export interface FoundPolicy {
  readonly of: string;
  readonly policy: { readonly Statement: readonly Record<string, any>[] };
}

/** Every policy of these resources: of roles and who may assume them, and of all that has one of its own. */
export function policiesIn(name: string, resources: Resources): FoundPolicy[] {
  return Object.entries(resources).flatMap(([id, { Properties }]) =>
    documentsIn(Properties).map(policy => ({ of: `${name}/${id}`, policy })),
  );
}

/** Whatever property holds it: a policy is what has statements. */
function documentsIn(value: unknown): FoundPolicy['policy'][] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value) return [{ Statement: [value.Statement].flat() as object[] }];
  return Object.values(value).flatMap(documentsIn);
}
