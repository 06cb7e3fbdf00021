import { createHash } from 'node:crypto';
import { readRego, type ReadPolicy, type ReadRegoContext } from './read-rego';
import { policyKey } from '../../src/core/evidence';

/** What looking again at the files of a policy needs of the world, and no more. */
export interface RefreshContext extends ReadRegoContext {
  /** What the last deployment declared, or undefined before there was one. */
  readonly declared: { read(): Promise<string | undefined> };
  readonly evidence: ReadRegoContext['evidence'] & { writeOnce(key: string, body: string, contentType: string): Promise<boolean> };
  readonly pointer: ReadRegoContext['pointer'] & {
    /** The next revision, or undefined if another one is in force than was seen. */
    replace(seen: { readonly revision: number } | undefined, sha256: string): Promise<number | undefined>;
  };
  sweep(): Promise<void>;
}

const MAX_ROUNDS = 5;

/**
 * What was declared, with the files that lie in buckets now. The pointer is read before all else, and moved only if nobody moved it since: a deployment
 * that comes in between is never undone.
 */
export async function refreshPolicy(context: RefreshContext): Promise<Pick<ReadPolicy, 'rejected'> & { readonly done: string }> {
  const { pointer, evidence } = context;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const seen = await pointer.current();
    const policy = await context.declared.read();
    if (policy === undefined) return { rejected: [], done: 'no policy was declared yet' };
    const { document, rejected } = await readRego(policy, context);
    const sha256 = createHash('sha256').update(document).digest('hex');
    if (seen?.sha256 === sha256) return { rejected, done: 'as before' };
    await evidence.writeOnce(policyKey(sha256), document, 'application/json');
    const revision = await pointer.replace(seen, sha256);
    if (revision === undefined) continue;
    await context.sweep();
    return { rejected, done: `revision ${revision}` };
  }
  throw new Error(`the policy was published by somebody else ${MAX_ROUNDS} times while its files were read`);
}
