import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { idOfNone, type Asker } from '../../src/core/gates/answer';
import {
  formerId,
  whyNotAsking,
  whyOtherResource,
  type StackResource,
} from '../../src/core/gates/asking-resource';
import { Seconds, Tries } from '../../src/core/times';

export interface AskingContext {
  /** What CloudFormation says of a resource, or undefined if it knows none. Rejects if it does not say. */
  stackResource(stackId: string, logicalId: string): Promise<StackResource | undefined>;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
}

/**
 * The part of the event that an answer needs. Throws if the URL for the answer is for another resource than
 * the event says. The physical id is the event's: only a deletion may believe it.
 */
export function askerOf(event: CloudFormationCustomResourceEvent): Asker {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  const why = whyOtherResource(event);
  if (why !== undefined) throw new Error(`nothing is asked and nothing answered: ${why}`);
  return {
    ResponseURL,
    StackId,
    RequestId,
    LogicalResourceId,
    PhysicalResourceId: event.RequestType === 'Create' ? idOfNone(RequestId) : event.PhysicalResourceId,
  };
}

/**
 * The asker with what ran before, as CloudFormation says, and not the event, which anybody writes who may
 * invoke the gate: with another stack's name or physical id, its grants and its memory would be used (0049).
 * Throws for a resource that does not ask now.
 */
export async function whoAsks(
  event: CloudFormationCustomResourceEvent,
  context: AskingContext,
): Promise<Asker> {
  const asker = askerOf(event);
  const { StackId, LogicalResourceId } = asker;
  for (let tries = 1; ; tries++) {
    const resource = await context.stackResource(StackId, LogicalResourceId);
    const why = whyNotAsking(resource, asker);
    if (why === undefined) {
      const before = event.RequestType === 'Create' ? await former(event, context) : resource!.physicalId;
      return { ...asker, PhysicalResourceId: before ?? idOfNone(asker.RequestId) };
    }
    if (tries === Tries.stackResource) throw new Error(`nothing is asked: ${why}`);
    await context.pause(Seconds.stackResource * tries); // CloudFormation may show it a moment later
  }
}

async function former(
  { StackId, ResourceProperties }: CloudFormationCustomResourceEvent,
  context: AskingContext,
): Promise<string | undefined> {
  const { Former } = ResourceProperties as { readonly Former?: unknown };
  if (typeof Former !== 'string' || !/^[A-Za-z0-9]{1,255}$/.test(Former)) return undefined;
  return formerId(await context.stackResource(StackId, Former));
}
