import type { Resource } from './rewrites';
import type { Template } from './template';
import { FUNCTION_RUNTIME } from '../../../src/core/function-runtime';

/** Where a template carries what it was before resources of the gateway came into it. */
const BEFORE = 'local-cloud:before';

/** A template with other resources than it was given, which it can give back. */
export function inserted(given: Template, Resources: Readonly<Record<string, Resource>>): Template {
  return { ...given, Metadata: { ...given.Metadata, [BEFORE]: JSON.stringify(given) }, Resources };
}

/** The template without all that the gateway put into it, one after the other. */
export function withoutInserted(template: Template): Template {
  const before = template.Metadata?.[BEFORE];
  return typeof before === 'string' ? withoutInserted(JSON.parse(before) as Template) : template;
}

export function mentionsInserted(text: string): boolean {
  return text.includes(BEFORE);
}

/** A function of the gateway in somebody's stack. It may do nothing. */
export function ownFunction(code: string, variables: Readonly<Record<string, string>> = {}): Resource {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: FUNCTION_RUNTIME,
      Handler: 'index.handler',
      Role: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:role/local-cloud-hooks' },
      Code: { ZipFile: code },
      Environment: { Variables: variables },
    },
  };
}
