import { inTime } from '../../adapters/in-time';
import { whyKept, whyUnknown, type Guard, type Importers } from '../../src/core/sharing/importers';
import { Seconds } from '../../src/core/times';

/** What CloudFormation says of the resource that refuses. */
export interface GuardRequest extends Guard {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
}

export interface KeepImportedContext {
  readonly importers: { load(): Promise<Importers> };
  /** The status of the stack of the trust, or undefined if it cannot be read. */
  stackStatus(stackId: string): Promise<string | undefined>;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
}

/**
 * Why the stack of a trust is not deleted; undefined if it may be. Only the deletion of the whole stack is
 * refused: a rollback must end, and an update has already decided when it asks. It answers in time, whatever
 * is slow: without an answer CloudFormation waits for minutes and does not say why.
 */
export async function keepImported(
  request: GuardRequest,
  context: KeepImportedContext,
): Promise<string | undefined> {
  if (request.RequestType !== 'Delete') return undefined;
  const over = () => context.pause(Seconds.keepImportedAsks);
  const status = await inTime(context.stackStatus(request.StackId), over(), () => undefined);
  if (status !== 'DELETE_IN_PROGRESS') return undefined;
  try {
    return whyKept(await inTime(context.importers.load(), over(), failLate), request);
  } catch (error) {
    return whyUnknown(error instanceof Error ? `${error.name}: ${error.message}` : String(error), request);
  }
}

function failLate(): never {
  throw new Error(`no answer within ${Seconds.keepImportedAsks} seconds`);
}
