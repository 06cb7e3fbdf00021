import type { ImageIssue } from './judge-image';
import { additionsIn, type TemplateDocument, type TemplateResource } from './template';
import { quoted } from '../text/plain-text';

/** Transforms of AWS that make no container with an image of anybody that the template does not name. */
const HARMLESS: ReadonlySet<unknown> = new Set([
  'AWS::CodeDeployBlueGreen',
  'AWS::LanguageExtensions', // loops are named where they stand
  'AWS::SecretsManager-2020-07-23',
  'AWS::SecretsManager-2024-09-16',
  'AWS::Serverless-2016-10-31', // functions of SAM are looked at as they stand
]);
const OTHER_TEMPLATES = /^(?:AWS::CloudFormation::(?:Stack|StackSet|CustomResource)|Custom::.*)$/;
const TEMPLATE = /^template(?:url|body)$/i;
const WRITE_OUT = 'write the resources out, in a loop of the app for example';
const ASK_LATER =
  'or let CloudFormationGate judge each resource, and acknowledge this with that as the reason';

/**
 * Why a resource runs images that its own properties do not name, or undefined.
 *
 * @param isOfApp whether the template of the stack that it makes is of the app, and so looked at itself
 */
export function judgeResource(
  key: string,
  resource: TemplateResource,
  isOfApp: boolean,
): ImageIssue | undefined {
  // `Fn::ForEach` makes resources, and so does `Fn::Transform`
  if (key.startsWith('Fn::')) return unresolved(`of the resources that ${quoted(key)} makes`, WRITE_OUT);
  const name = quoted(key, 255);
  if (typeof resource !== 'object' || resource === null) return undefined;
  const [addition] = additionsIn(resource);
  if (addition !== undefined) {
    return unresolved(`of ${name}, which ${quoted(addition)} changes,`, WRITE_OUT);
  }
  const { Type: type, Properties: properties } = resource;
  if (typeof type !== 'string') return unresolved(`of ${name}, whose type is no text,`, 'write the type out');
  if (type.endsWith('::MODULE')) {
    return unresolved(
      `of the resources that ${name} makes, a module of the type ${quoted(type, 255)},`,
      `write the resources out, ${ASK_LATER}`,
    );
  }
  if (isOfApp) return undefined;
  if (type === 'AWS::Serverless::Application' || (OTHER_TEMPLATES.test(type) && hasTemplate(properties))) {
    return unresolved(
      `of ${name}, a resource of the type ${quoted(type, 255)} with a template that is not of this app,`,
      `make it a NestedStack or a stack of the app, ${ASK_LATER}`,
    );
  }
  return type === 'AWS::Serverless::Function' && isBuiltLater(properties)
    ? unresolved(`of ${name}, which SAM builds,`, 'give it the ImageUri of a TrustedImage')
    : undefined;
}

/** Macros see the whole template, and can change each image in it. */
export function judgeTransforms(document: TemplateDocument): ImageIssue[] {
  const names = [document.Transform ?? []]
    .flat()
    .map(each => (typeof each === 'object' && each !== null ? (each as { Name?: unknown }).Name : each));
  const macros = [
    ...names
      .filter(name => !HARMLESS.has(name))
      .map(name => `the macro ${quoted(typeof name === 'string' ? name : 'without a name')}`),
    ...additionsIn(document).map(key => quoted(key)),
  ];
  const { Function: ofFunctions } = (document.Globals ?? {}) as { readonly Function?: object };
  return [
    ...macros.map(macro =>
      unresolved(`of all resources of a template that ${macro} changes`, `leave the macro out, ${ASK_LATER}`),
    ),
    ...(isBuiltLater({ ...ofFunctions }) || 'ImageUri' in { ...ofFunctions }
      ? [unresolved('that Globals give to functions', 'give each function its own ImageUri')]
      : []),
  ];
}

function hasTemplate(properties: TemplateResource['Properties']): boolean {
  return (
    properties !== undefined &&
    Object.keys(properties).some(name => TEMPLATE.test(name) || name.startsWith('Fn::'))
  );
}

function isBuiltLater(properties: TemplateResource['Properties']): boolean {
  return properties?.PackageType === 'Image' && properties.ImageUri === undefined;
}

function unresolved(of: string, fix: string): ImageIssue {
  return { rule: 'unresolved', message: `the images ${of} are known only at deployment`, fix };
}
