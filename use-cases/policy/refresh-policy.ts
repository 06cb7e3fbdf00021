import { activate, type PutContext } from './activate';
import { readRego, type ReadPolicy, type ReadRegoContext } from './read-rego';
import { policyKey } from '../../src/core/evidence/evidence-keys';
import { Tries } from '../../src/core/times';

/** What looking again at the files of a policy needs of the world, and no more. */
export interface RefreshContext extends ReadRegoContext, PutContext {
  /** What the last deployment declared, or undefined before there was one. */
  readonly declared: { read(): Promise<string | undefined> };
  readonly evidence: ReadRegoContext['evidence'] & PutContext['evidence'];
  readonly pointer: ReadRegoContext['pointer'] & PutContext['pointer'];
}

/**
 * What was declared, with the files that lie in buckets now. The pointer is read before all else, and moved
 * only if nobody moved it since: a deployment that comes in between is never undone.
 */
export async function refreshPolicy(
  context: RefreshContext,
): Promise<Pick<ReadPolicy, 'rejected'> & { readonly done: string }> {
  for (let round = 0; round < Tries.activate; round++) {
    const seen = await context.pointer.current();
    const policy = await context.declared.read();
    if (policy === undefined) return { rejected: [], done: 'no policy was declared yet' };
    const { document, rejected } = await readRego(policy, context);
    const put = await activate({ key: policyKey, text: document, seen }, context);
    if (put !== undefined) return { rejected, done: put.isSame ? 'as before' : `revision ${put.revision}` };
  }
  throw new Error(
    `the policy was published by somebody else ${Tries.activate} times while its files were read`,
  );
}
