import { storedDocument, type EvidenceReader } from './stored-document';
import { policyKey, waiversKey } from '../../src/core/evidence/evidence-keys';
import type { PublishedPolicy } from '../../src/core/policy/policy';
import { policyFor, readPolicySet, type PolicySet } from '../../src/core/policy/policy-set';
import type { Revisions } from '../../src/core/register/next-look';
import type { Result } from '../../src/core/result';
import type { Failure } from '../../src/core/scanning/failed-scan';
import { plainText } from '../../src/core/text/plain-text';
import { NO_WAIVERS, type PublishedWaivers } from '../../src/core/waivers/active-waivers';
import { parseWaivers } from '../../src/core/waivers/document';

/** Which document counts now, and its revision. */
export interface Pointer {
  readonly revision: number;
  readonly sha256: string;
  readonly versionId?: string;
}

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
 * Asks for the pointers every time, and for a document only when its pointer changed. No policy, no verdict:
 * it throws.
 */
export function activePolicy(pointers: Pointers, evidence: EvidenceReader): () => Promise<ActivePolicy> {
  const policies = new Documents(evidence, 'policy', policyKey, readPolicySet);
  const waivers = new Documents(evidence, 'waiver list', waiversKey, parseWaivers);
  return async () => {
    const [policy, accepted] = await Promise.all([pointers.policy(), pointers.waivers()]);
    if (policy === undefined) {
      throw new Error("no policy is published: the stack's policy resource did not run");
    }
    const revisions = { policy: policy.revision, waivers: accepted?.revision ?? NO_WAIVERS.revision };
    const set = await policies.read(policy.sha256);
    const list = accepted === undefined ? undefined : await waivers.read(accepted.sha256);
    if (!set.ok) return { revisions, failure: set.error };
    if (list?.ok === false) return { revisions, failure: list.error };
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

/** A document of one kind, read again only when another one counts. */
class Documents<T> {
  private known?: { readonly sha256: string; readonly value: Result<T, Failure> };

  constructor(
    private readonly evidence: EvidenceReader,
    private readonly what: string,
    private readonly key: (sha256: string) => string,
    private readonly parse: (text: string) => Result<T, string[]>,
  ) {}

  public async read(sha256: string): Promise<Result<T, Failure>> {
    if (this.known?.sha256 === sha256) return this.known.value;
    const text = await storedDocument(this.evidence, this.key, sha256);
    if (text === undefined) {
      throw new Error(
        `the ${this.what} ${sha256} is not in the evidence bucket, or is not what its name says`,
      );
    }
    const parsed = this.parse(text);
    const value = parsed.ok ? parsed : { ok: false as const, error: this.invalid(sha256, parsed.error) };
    this.known = { sha256, value };
    return value;
  }

  private invalid(sha256: string, problems: readonly string[]): Failure {
    return {
      cause: 'POLICY_INVALID',
      detail: plainText(
        `the ${this.what} ${sha256} is not valid for this version: ${problems.join('; ')}`,
        400,
      ),
    };
  }
}
