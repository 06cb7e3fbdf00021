import { intrinsicIn, type Template, type TemplateResource } from './template';
import { urlSuffixOf } from '../image/image-reference';
import { failed, ok, type Result } from '../result';
import { quoted } from '../text/plain-text';
import { sha256Of } from '../text/sha256';

/** What an expression stands for, or why that is not known: "the parameter Image". */
export type Value = Result<string | readonly string[], string>;

/** The digest that `Custom::TrustedImage` gives to a deployment, and what it was asked for. */
export interface TrustedDigest {
  readonly account: readonly Value[];
  readonly region: readonly Value[];
  readonly repository: readonly Value[];
}

/** For an account and a region that only deployment knows: no account and region of AWS are called so. */
export const UNKNOWN_ACCOUNT = '000000000000';
export const UNKNOWN_REGION = 'zz-unknown-0';
/** Begins the made-up names of repositories that get theirs at deployment. */
const UNNAMED = 'unnamed-repository/';
/** Conditions and outputs multiply; what has more sides is nobody's app. */
const MOST_VALUES = 64;
const DEEPEST = 64;

/**
 * Evaluates the expressions of all templates of an app, as CloudFormation would when it deploys them. What
 * only deployment knows and an image reference needs (the account, the name of a repository, the digest of a
 * trusted image) gets a made-up value, the same wherever it is used.
 */
export class TemplateValues {
  private readonly byId: ReadonlyMap<string, Template>;
  /** What a made-up value is shown as. */
  private readonly expressions = new Map<string, string>([
    [UNKNOWN_ACCOUNT, '${AWS::AccountId}'],
    [UNKNOWN_REGION, '${AWS::Region}'],
  ]);
  private readonly trusted = new Map<string, TrustedDigest>();

  constructor(private readonly templates: readonly Template[]) {
    this.byId = new Map(templates.map(template => [template.id, template]));
  }

  /** All values that the expression can have: a condition has two sides. */
  public of(expression: unknown, template: Template): readonly Value[] {
    return this.evaluate(expression, template, 0);
  }

  /** The trusted image whose digest this is, if a template gets it from one. */
  public trustedDigest(digest: string): TrustedDigest | undefined {
    return this.trusted.get(digest);
  }

  /** Whether CloudFormation chooses the name of the repository. */
  public isUnnamed(repository: string): boolean {
    return repository.startsWith(UNNAMED) && this.expressions.has(repository);
  }

  /** For people: with the expression in the place of what was made up. */
  public shown(text: string): string {
    return [...this.expressions].reduce(
      (shown, [value, expression]) => shown.replaceAll(value, expression),
      text,
    );
  }

  private evaluate(expression: unknown, template: Template, depth: number): readonly Value[] {
    if (depth > DEEPEST) return [failed('an expression that refers to itself')];
    if (typeof expression === 'string') {
      return [expression.includes('{{resolve:') ? failed('a dynamic reference') : ok(expression)];
    }
    if (typeof expression === 'number' || typeof expression === 'boolean') return [ok(String(expression))];
    const of = (each: unknown, at = template) => this.evaluate(each, at, depth + 1);
    if (Array.isArray(expression)) return together(expression.map(each => of(each))).map(flat);
    const [name, argument] = intrinsicIn(expression) ?? [];
    const list = Array.isArray(argument) ? (argument as unknown[]) : [];
    switch (name) {
      case 'Ref':
        return this.ref(String(argument), template, of);
      case 'Fn::GetAtt': {
        const [logicalId = '', ...attribute] =
          typeof argument === 'string' ? argument.split('.') : list.map(String);
        return this.attribute(logicalId, attribute.join('.'), template, of);
      }
      case 'Fn::If':
        return list.slice(1).flatMap(each => of(each));
      case 'Fn::Join':
        return combined(of(list[0]), of(list[1]), (delimiter, parts) =>
          typeof delimiter === 'string' && typeof parts !== 'string' ? ok(parts.join(delimiter)) : WRONG,
        );
      case 'Fn::Split':
        return combined(of(list[0]), of(list[1]), (delimiter, text) =>
          typeof delimiter === 'string' && typeof text === 'string' ? ok(text.split(delimiter)) : WRONG,
        );
      case 'Fn::Select':
        return combined(of(list[0]), of(list[1]), (index, parts) => {
          const part = typeof parts === 'string' ? undefined : parts[Number(index)];
          return part === undefined ? WRONG : ok(part);
        });
      case 'Fn::Sub':
        return this.substitute(argument, of);
      case 'Fn::FindInMap':
        return together(list.slice(0, 3).map(each => of(each))).flatMap(keys =>
          keys.ok ? this.mapped(keys.value.map(String), template, of) : [keys],
        );
      case 'Fn::ImportValue':
        return of(argument).flatMap(exported =>
          exported.ok ? this.exported(String(exported.value), of) : [exported],
        );
      case 'Fn::GetStackOutput':
        return this.stackOutput(argument, of);
      default:
        return [
          failed(name === undefined ? 'an expression of unknown form' : `the function ${quoted(name, 60)}`),
        ];
    }
  }

  private ref(name: string, template: Template, of: Evaluate): readonly Value[] {
    switch (name) {
      case 'AWS::AccountId':
        return [ok(template.account ?? UNKNOWN_ACCOUNT)];
      case 'AWS::Region':
        return [ok(template.region ?? UNKNOWN_REGION)];
      case 'AWS::URLSuffix':
        return [ok(urlSuffixOf(template.region ?? UNKNOWN_REGION))];
      case 'AWS::Partition':
        return [ok('aws')]; // no image reference has it
      case 'AWS::StackName':
        return [template.stackName === undefined ? failed('the name of the stack') : ok(template.stackName)];
    }
    const resource = template.document.Resources?.[name];
    if (resource?.Type === 'AWS::ECR::Repository') return this.repositoryName(name, resource, template, of);
    if (resource !== undefined) return [failed(`the resource ${quoted(name, 255)}`)];
    return this.parameter(name, template, of);
  }

  /** A default may be replaced at deployment. What a parent gives to a nested stack is what it gets. */
  private parameter(name: string, template: Template, of: Evaluate): readonly Value[] {
    const { parent } = template;
    const owner = parent === undefined ? undefined : this.byId.get(parent.id);
    const { Parameters: given } = owner?.document.Resources?.[parent!.logicalId]?.Properties ?? {};
    const value = (given as Readonly<Record<string, unknown>> | undefined)?.[name];
    return owner === undefined || value === undefined
      ? [failed(`the parameter ${quoted(name, 255)}`)]
      : of(value, owner);
  }

  private attribute(logicalId: string, name: string, template: Template, of: Evaluate): readonly Value[] {
    const resource = template.document.Resources?.[logicalId];
    const unknown = [failed(`the attribute ${quoted(name, 100)} of ${quoted(logicalId, 255)}`)];
    const text = (value: string) => of({ 'Fn::Sub': value });
    switch (resource?.Type) {
      case 'AWS::ECR::Repository':
        if (name === 'Arn') {
          return text(
            `arn:\${AWS::Partition}:ecr:\${AWS::Region}:\${AWS::AccountId}:repository/\${${logicalId}}`,
          );
        }
        return name === 'RepositoryUri'
          ? text(`\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.\${AWS::URLSuffix}/\${${logicalId}}`)
          : unknown;
      case 'Custom::TrustedImage':
        return name === 'Digest' ? [ok(this.digestOf(logicalId, resource, template, of))] : unknown;
      case 'AWS::CloudFormation::Stack': {
        const nested = this.templates.find(
          ({ parent }) => parent?.id === template.id && parent.logicalId === logicalId,
        );
        const output = nested?.document.Outputs?.[name.replace(/^Outputs\./, '')];
        return nested === undefined || output === undefined ? unknown : of(output.Value, nested);
      }
      case 'Custom::CrossRegionExportReader':
        return this.writtenToOtherRegion(name, of) ?? unknown;
      default:
        return unknown;
    }
  }

  private repositoryName(id: string, { Properties }: TemplateResource, template: Template, of: Evaluate) {
    if (Properties?.RepositoryName !== undefined) return of(Properties.RepositoryName);
    return [ok(this.madeUp(UNNAMED, [template.id, id], `\${${id}}`))];
  }

  private digestOf(
    id: string,
    { Properties = {} }: TemplateResource,
    template: Template,
    of: Evaluate,
  ): string {
    const digest = this.madeUp('sha256:', [template.id, id], `\${${id}.Digest}`);
    const { Account, Region, Repository } = Properties;
    this.trusted.set(digest, { account: of(Account), region: of(Region), repository: of(Repository) });
    return digest;
  }

  private madeUp(prefix: string, of: readonly string[], expression: string): string {
    const value = `${prefix}${sha256Of(JSON.stringify(of))}`;
    this.expressions.set(value, expression);
    return value;
  }

  private substitute(argument: unknown, of: Evaluate): readonly Value[] {
    const [text, variables = {}] = Array.isArray(argument) ? (argument as [unknown, object?]) : [argument];
    if (typeof text !== 'string') return [WRONG];
    const parts = text.split(/\$\{([^!][^}]*)\}/); // every second is a name
    const values = parts.map((part, at) => {
      if (at % 2 === 0) return [ok(part.replaceAll('${!', '${'))];
      const name = part.trim();
      if (Object.hasOwn(variables, name)) return of((variables as Record<string, unknown>)[name]);
      return of(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name });
    });
    return together(values).map(whole => {
      const list = flat(whole);
      return list.ok ? ok((list.value as readonly string[]).join('')) : list;
    });
  }

  private mapped(keys: readonly string[], { document }: Template, of: Evaluate): readonly Value[] {
    const found = keys.reduce<unknown>(
      (map, key) => (map as Readonly<Record<string, unknown>> | undefined)?.[key],
      document.Mappings,
    );
    return found === undefined ? [failed(`the mapping ${quoted(keys.join('.'), 255)}`)] : of(found);
  }

  private exported(name: string, of: Evaluate): readonly Value[] {
    for (const template of this.templates) {
      for (const { Value: value, Export } of Object.values(template.document.Outputs ?? {})) {
        const { Name } = (Export ?? {}) as { readonly Name?: unknown };
        if (Name === undefined) continue;
        if (of(Name, template).some(each => each.ok && each.value === name)) return of(value, template);
      }
    }
    return [failed(`the export ${quoted(name, 255)} of another app`)];
  }

  private stackOutput(argument: unknown, of: Evaluate): readonly Value[] {
    const { StackName, OutputName } = (argument ?? {}) as Readonly<Record<string, unknown>>;
    return combined(of(StackName), of(OutputName), (stack, output) =>
      ok([String(stack), String(output)]),
    ).flatMap(named => {
      if (!named.ok) return [named];
      const [stack, output] = named.value as readonly string[];
      const template = this.templates.find(
        ({ stackName, parent }) => stackName === stack && parent === undefined,
      );
      const found = template?.document.Outputs?.[output!];
      return template === undefined || found === undefined
        ? [failed(`the output ${quoted(output!, 255)} of the stack ${quoted(stack!, 255)}`)]
        : of(found.Value, template);
    });
  }

  /** The CDK writes what a stack of another region needs to parameters there. */
  private writtenToOtherRegion(name: string, of: Evaluate): readonly Value[] | undefined {
    for (const template of this.templates) {
      for (const { Type, Properties } of Object.values(template.document.Resources ?? {})) {
        if (Type !== 'Custom::CrossRegionExportWriter') continue;
        const { exports } = (Properties?.WriterProps ?? {}) as { readonly exports?: Record<string, unknown> };
        if (exports?.[name] !== undefined) return of(exports[name], template);
      }
    }
    return undefined;
  }
}

type Evaluate = (expression: unknown, at?: Template) => readonly Value[];

const WRONG = failed('an expression of unknown form');

/** Every combination of what the parts can be. */
function together(
  parts: readonly (readonly Value[])[],
): Result<readonly (string | readonly string[])[], string>[] {
  let all: Result<readonly (string | readonly string[])[], string>[] = [ok([])];
  for (const values of parts) {
    all = all.flatMap(sofar =>
      sofar.ok ? values.map(value => (value.ok ? ok([...sofar.value, value.value]) : value)) : [sofar],
    );
    if (all.length > MOST_VALUES) return [failed(`conditions with more than ${MOST_VALUES} combinations`)];
  }
  return all;
}

function flat(parts: Result<readonly (string | readonly string[])[], string>): Value {
  return parts.ok ? ok(parts.value.flat()) : parts;
}

function combined(
  one: readonly Value[],
  other: readonly Value[],
  make: (one: string | readonly string[], other: string | readonly string[]) => Value,
): readonly Value[] {
  return together([one, other]).map(both => (both.ok ? make(both.value[0]!, both.value[1]!) : both));
}
