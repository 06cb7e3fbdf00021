import { anchorsOf, blocksOf, page, type Page } from './markdown';
import { letsIn, type ResourcePolicy } from '../../local/cloud/accounts/resource-policy';
import { matchesWildcard } from '../../local/cloud/glob';

export const GUARDRAILS: Page = { file: 'docs/guardrails.md', text: page('docs/guardrails.md') };

/** A statement that denies. */
export interface Deny {
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The policy to copy that stands under a heading. Throws if there is not exactly one. */
export function guardrail(anchor: string): readonly Deny[] {
  const section = GUARDRAILS.text.split(/^(?=## )/m).find(text => anchorsOf(text).includes(anchor));
  const policies = section === undefined ? [] : blocksOf({ file: GUARDRAILS.file, text: section });
  if (policies.length !== 1) throw new Error(`${policies.length} policies under #${anchor}, allowed: one`);
  return (JSON.parse(policies[0]!.code) as { readonly Statement: readonly Deny[] }).Statement;
}

export interface Call {
  /** The role, or nobody if a service calls by itself. */
  readonly by?: string;
  readonly action: string;
  readonly on?: string;
  /** The values of further condition keys, by their names in lower case. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
}

/** By the evaluator of the embedded cloud, where everything is allowed that no statement denies. */
export function isDenied(statements: readonly Deny[], { by, action, on = '*', keys = {} }: Call): boolean {
  const isIn = (patterns: string | readonly string[]) =>
    [patterns].flat().some(pattern => matchesWildcard(pattern, on));
  const applying = statements.filter(({ Resource, NotResource }) =>
    Resource === undefined ? !isIn(NotResource!) : isIn(Resource),
  );
  const policy: ResourcePolicy = {
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: '*' },
      ...applying.map(({ Action, Condition }) => ({
        Effect: 'Deny' as const,
        Principal: '*' as const,
        Action,
        Condition,
      })),
    ],
  };
  const principal: Call['keys'] = by === undefined ? {} : { 'aws:principalarn': [by] };
  return !letsIn(policy, { account: '111122223333', action, keys: { ...principal, ...keys } });
}
