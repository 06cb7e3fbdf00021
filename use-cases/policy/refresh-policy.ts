import { activate, withActive, type ActivateContext } from './activate';
import { POLICY } from './active-document';
import { readRego, type ReadPolicy, type ReadRegoContext } from './read-rego';

/** What looking again at the files of a policy needs of the world, and no more. */
export interface RefreshContext extends ReadRegoContext, ActivateContext {
  /** What the last deployment declared, or undefined before there was one. */
  readonly source: { read(): Promise<string | undefined> };
  readonly evidence: ReadRegoContext['evidence'] & ActivateContext['evidence'];
  readonly pointer: ActivateContext['pointer'];
}

/**
 * Activates what was declared, with the files that lie in buckets now. The pointer is read before all else,
 * and moved only if nobody moved it since: a deployment that comes in between is never undone.
 */
export async function refreshPolicy(
  context: RefreshContext,
): Promise<Pick<ReadPolicy, 'rejected'> & { readonly done: string }> {
  return withActive(context.pointer, 'the policy', async seen => {
    const source = await context.source.read();
    if (source === undefined) return { rejected: [], done: 'no policy was declared yet' };
    const { document, rejected } = await readRego(source, context);
    const next = { kind: POLICY, text: document, before: seen?.before };
    const activated = await activate(next, seen, context);
    if (activated === undefined) return undefined;
    return { rejected, done: activated.isSame ? 'as before' : `revision ${activated.revision}` };
  });
}
