import { activate, withActive, type Activated } from './activate';
import { POLICY } from './active-document';
import { readRego, type ReadPolicy } from './read-rego';
import type { RefreshContext } from './refresh-policy';
import { readPolicySet } from '../../src/core/policy/policy-set';
import { sha256Of } from '../../src/core/text/sha256';

/** What a deployment declares. */
export interface DeclaredPolicies {
  readonly policy: string;
  /** Undefined where people write the file themselves. */
  readonly waivers?: string;
  /** What the deployment before this one said. */
  readonly waiversBefore?: string;
}

export interface PublishPolicyContext extends RefreshContext {
  readonly source: RefreshContext['source'] & { write(policy: string): Promise<void> };
  readonly waivers: {
    write(text: string): Promise<void>;
    /** Activates what lies there, without a sweep. True if that is something else than before. */
    activate(): Promise<boolean>;
  };
  /** Files that cannot be read, before anything is published that could fail. */
  reportRejected(files: ReadPolicy['rejected']): void;
  /** Why this version does not understand the policy. */
  reportProblems(problems: readonly string[]): void;
}

/**
 * Activates what a deployment declares: the revision goes up by one where the policy differs from the active
 * one. Waivers come first: what a stricter policy refuses and the same deployment accepts is never refused,
 * not for a moment.
 *
 * The policy was checked when the app was synthesised. One that this version does not understand is of
 * another version, on its way there or back. It is activated all the same: a failure here would leave the
 * stack in UPDATE_ROLLBACK_FAILED, and the evaluator ends in POLICY_INVALID until the functions are of that
 * version.
 */
export async function publishPolicy(
  { policy, waivers, waiversBefore }: DeclaredPolicies,
  context: PublishPolicyContext,
): Promise<Activated> {
  // first: a refresh must not activate again what was declared before
  await context.source.write(policy);
  const { document, rejected } = await readRego(policy, context);
  context.reportRejected(rejected);
  const set = readPolicySet(document);
  if (!set.ok) context.reportProblems(set.error);
  // before the waivers, and also where it is active already: an object that was lost is there again
  await context.evidence.writeOnce(POLICY.key(sha256Of(document)), document, 'application/json');
  // what people changed in the bucket since stays there, as long as the deployment says nothing new
  const isNew = waivers !== undefined && waivers !== waiversBefore;
  if (isNew) await context.waivers.write(waivers);
  const isWaived = isNew && (await context.waivers.activate());
  const activated = await withActive(context.pointer, 'the policy', seen =>
    activate({ kind: POLICY, text: document, before: seen?.sha256 }, seen, context),
  );
  if (activated.isSame && isWaived) await context.sweep();
  return activated;
}
