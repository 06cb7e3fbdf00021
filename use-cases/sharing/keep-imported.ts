import { whyKept, whyUnknown, type Guard, type Importers } from '../../src/core/sharing/importers';

/** What CloudFormation says of the resource that refuses. */
export interface GuardRequest extends Guard {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
}

export interface KeepImportedContext {
  readonly importers: { load(): Promise<Importers> };
  /** The status of the stack of the trust, or undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
}

/**
 * Why the stack of a trust is not deleted; undefined if it may be. Only the deletion of the whole stack is
 * refused: a rollback must end, and an update has already decided when it asks.
 */
export async function keepImported(
  request: GuardRequest,
  context: KeepImportedContext,
): Promise<string | undefined> {
  if (request.RequestType !== 'Delete') return undefined;
  if ((await context.stackStatus(request.StackId)) !== 'DELETE_IN_PROGRESS') return undefined;
  try {
    return whyKept(await context.importers.load(), request);
  } catch (error) {
    return whyUnknown(error instanceof Error ? `${error.name}: ${error.message}` : String(error), request);
  }
}
