import {
  activeDocument,
  POLICY,
  WAIVERS,
  type DocumentKind,
  type DocumentProblem,
  type EvidenceReader,
  type Pointer,
} from './active-document';
import type { PublishedPolicy } from '../../src/core/policy/policy';
import { policyFor, type PolicySet } from '../../src/core/policy/policy-set';
import type { Revisions } from '../../src/core/register/next-look';
import type { Result } from '../../src/core/result';
import type { Failure } from '../../src/core/scanning/failed-scan';
import { NO_WAIVERS, type PublishedWaivers } from '../../src/core/waivers/active-waivers';

export interface Pointers {
  policy(): Promise<Pointer | undefined>;
  waivers(): Promise<Pointer | undefined>;
}

/** What judges now. `failure`: a document is there, but this version does not understand it. */
export type ActivePolicy = { readonly revisions: Revisions } & (
  | { readonly set: PolicySet; readonly sha256: string; readonly waivers: PublishedWaivers }
  | { readonly failure: Failure }
);

/**
 * Asks for the pointers every time, and for a document only when its pointer changed. Without a policy there
 * is no verdict: it throws.
 */
export function activePolicy(pointers: Pointers, evidence: EvidenceReader): () => Promise<ActivePolicy> {
  const policies = remembered(POLICY, evidence);
  const waivers = remembered(WAIVERS, evidence);
  return async () => {
    const [policy, accepted] = await Promise.all([pointers.policy(), pointers.waivers()]);
    if (policy === undefined) {
      throw new Error("no policy is published: the stack's policy resource did not run");
    }
    const revisions = { policy: policy.revision, waivers: accepted?.revision ?? NO_WAIVERS.revision };
    const set = await policies(policy.sha256);
    const list = accepted === undefined ? undefined : await waivers(accepted.sha256);
    if (!set.ok) return { revisions, failure: invalid(set.error) };
    if (list?.ok === false) return { revisions, failure: invalid(list.error) };
    return {
      revisions,
      set: set.value,
      sha256: policy.sha256,
      waivers: list === undefined ? NO_WAIVERS : { ...accepted!, waivers: list.value },
    };
  };
}

/** The policy of a repository. */
export function policyOf(
  { revisions, set, sha256 }: Extract<ActivePolicy, { set: PolicySet }>,
  repository: string,
): PublishedPolicy {
  return { document: policyFor(set, repository), revision: revisions.policy, sha256 };
}

/** Documents of one kind, read again only when another one is active. One that is missing throws. */
function remembered<T>(
  kind: DocumentKind<T>,
  evidence: EvidenceReader,
): (sha256: string) => Promise<Result<T, DocumentProblem>> {
  let known: { readonly sha256: string; readonly value: Result<T, DocumentProblem> } | undefined;
  return async sha256 => {
    if (known?.sha256 === sha256) return known.value;
    const value = await activeDocument(kind, { sha256 }, evidence);
    if (!value.ok && value.error.kind === 'missing') throw new Error(value.error.message);
    known = { sha256, value };
    return value;
  };
}

function invalid({ message }: DocumentProblem): Failure {
  return { cause: 'POLICY_INVALID', detail: message };
}
