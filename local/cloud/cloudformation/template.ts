import { Resource, rewriteResource } from './rewrites';

export interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
}

export interface Template {
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
}

/** Where a rewritten resource carries what it was. */
const ORIGINAL = 'local-cloud:original';

export interface RewrittenTemplate {
  readonly template: Template;
  readonly isRewritten: boolean;
  /** By logical id, what is not emulated. */
  readonly lost: readonly string[];
}

export function rewriteTemplate(template: Template): RewrittenTemplate {
  const lost: string[] = [];
  let isRewritten = false;
  const resources = Object.entries(template.Resources ?? {}).map(([id, original]): [string, Resource] => {
    const rewrite = rewriteResource(original);
    if (rewrite === undefined) return [id, original];
    isRewritten = true;
    if (rewrite.lost !== undefined) lost.push(`${id}: ${rewrite.lost}`);
    const { Type, Properties, Metadata, DeletionPolicy } = original;
    return [
      id,
      {
        ...rewrite.resource,
        Metadata: { ...Metadata, [ORIGINAL]: JSON.stringify({ Type, Properties, Metadata, DeletionPolicy }) },
      },
    ];
  });
  return { template: { ...template, Resources: Object.fromEntries(resources) }, isRewritten, lost };
}

/** The template as it was given to the gateway. */
export function restoreTemplate(template: Template): Template {
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]): [string, Resource] => {
    const original = resource.Metadata?.[ORIGINAL];
    if (typeof original !== 'string') return [id, resource];
    const { Type: _, Properties: __, Metadata: ___, DeletionPolicy: ____, ...rest } = resource;
    return [id, { ...(JSON.parse(original) as Resource), ...rest }];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

export function mentionsRewrite(text: string): boolean {
  return text.includes(ORIGINAL);
}
