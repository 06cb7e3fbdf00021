import { createHash } from 'node:crypto';
import { policyKey } from '../../src/core/evidence';
import { Limit } from '../../src/core/limits';
import { readPolicy, type PublishedPolicy } from '../../src/core/policy/policy';

interface PolicyPointer { current(): Promise<{ revision: number; sha256: string } | undefined> }
interface Reader { read(key: string, maxBytes: number): Promise<Uint8Array | undefined> }

/** Asks for the pointer every time, and for the document only when the pointer changed. No policy, no verdict: it throws. */
export function currentPolicy(pointer: PolicyPointer, evidence: Reader): () => Promise<PublishedPolicy> {
  let known: PublishedPolicy | undefined;
  return async () => {
    const current = await pointer.current();
    if (current === undefined) throw new Error('no policy is published: the stack\'s policy resource did not run');
    if (known?.revision === current.revision && known.sha256 === current.sha256) return known;
    const bytes = await evidence.read(policyKey(current.sha256), Limit.smallFileBytes * 16);
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== current.sha256) throw new Error(`the policy ${current.sha256} is not in the evidence bucket, or is not what its name says`);
    const policy = readPolicy(new TextDecoder().decode(bytes));
    if (!policy.ok) throw new Error(`the policy ${current.sha256} is not valid for this version: ${policy.error.join('; ')}`);
    known = { document: policy.value, revision: current.revision, sha256: current.sha256 };
    return known;
  };
}
