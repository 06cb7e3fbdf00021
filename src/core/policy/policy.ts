import * as z from 'zod';
import { namedErrorOf } from './policy-file-messages';
import { failed, ok, type Result } from '../result';
import { RULES } from './rules';
import { parseJson } from '../text/json';

const RuleEntry = z
  .looseObject({ rule: z.string(), action: z.enum(['deny', 'warn']) })
  .superRefine((entry, context) => {
    const rule = RULES.get(entry.rule);
    if (rule === undefined) {
      context.addIssue({
        code: 'custom',
        message: `no rule is called ${JSON.stringify(entry.rule)}, allowed: ${[...RULES.keys()].join(', ')}`,
      });
      return;
    }
    const parsed = rule.entry.safeParse(entry, { error: namedErrorOf });
    for (const issue of parsed.error?.issues ?? []) {
      context.addIssue({ code: 'custom', path: issue.path, message: issue.message });
    }
  });

/** Rules, and how long a verdict by them holds. */
export const Policy = z
  .strictObject({
    name: z.string().min(1).max(64),
    /** Hours after the scan at which a verdict expires. */
    maxAgeHours: z
      .number()
      .int()
      .min(1)
      .max(24 * 30),
    /**
     * The policy only reports, and refuses nothing. It must be explicit: otherwise a policy could lose its
     * last rule that refuses, and nobody would notice.
     */
    audit: z.literal(true).optional(),
    rules: z.array(RuleEntry).min(1),
  })
  .superRefine(({ audit, rules }, context) => {
    const refuses = rules.some(({ rule, action }) => action === 'deny' && RULES.get(rule)?.refuses !== false);
    if (refuses && audit === true) {
      context.addIssue({
        code: 'custom',
        message:
          'audit is true and a rule denies, allowed: rules that warn; set the action of each rule to warn',
      });
    }
    if (!refuses && audit !== true) {
      context.addIssue({
        code: 'custom',
        message:
          'no rule refuses anything, allowed: at least one rule with the action deny; a policy without one passes every image',
      });
    }
  });
export type Policy = z.infer<typeof Policy>;

/** A policy document from its text; every problem is named, not just the first. */
export function readPolicy(text: string): Result<Policy, string[]> {
  const policy = Policy.safeParse(parseJson(text), { error: namedErrorOf });
  return policy.success
    ? ok(policy.data)
    : failed(policy.error.issues.map(issue => `${issue.path.join('.') || 'policy'}: ${issue.message}`));
}

/**
 * The active policy: rule 4.2 (optimistic locking) compares revisions, which only ever grow; the hash tells
 * which document it is.
 */
export interface PublishedPolicy {
  readonly document: Policy;
  readonly revision: number;
  readonly sha256: string;
}
