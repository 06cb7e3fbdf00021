import { createHash } from 'node:crypto';
import type { PolicyInForce } from './evaluate-ports';
import { policyKey } from '../../src/core/evidence';
import { Limit } from '../../src/core/limits';
import { plainText } from '../../src/core/plain-text';
import { readPolicy } from '../../src/core/policy/policy';
import type { Failure } from '../../src/core/scanning/attempt';

interface PolicyPointer { current(): Promise<{ revision: number; sha256: string } | undefined> }
interface Reader { read(key: string, maxBytes: number): Promise<Uint8Array | undefined> }

/** Asks for the pointer every time, and for the document only when the pointer changed. No policy, no verdict: it throws. */
export function currentPolicy(pointer: PolicyPointer, evidence: Reader): () => Promise<PolicyInForce> {
  let known: PolicyInForce & { readonly sha256: string } | undefined;
  return async () => {
    const current = await pointer.current();
    if (current === undefined) throw new Error('no policy is published: the stack\'s policy resource did not run');
    if (known?.revision === current.revision && known.sha256 === current.sha256) return known;
    const bytes = await evidence.read(policyKey(current.sha256), Limit.smallFileBytes * 16);
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== current.sha256) throw new Error(`the policy ${current.sha256} is not in the evidence bucket, or is not what its name says`);
    const policy = readPolicy(new TextDecoder().decode(bytes));
    known = { ...current, ...(policy.ok ? { document: policy.value } : { failure: invalid(current.sha256, policy.error) }) };
    return known;
  };
}

function invalid(sha256: string, problems: readonly string[]): Failure {
  return { cause: 'POLICY_INVALID', detail: plainText(`the policy ${sha256} is not valid for this version: ${problems.join('; ')}`, 400) };
}
