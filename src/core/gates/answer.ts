import * as z from 'zod';
import { cutToJson, plainText } from '../text/plain-text';

/**
 * The resource that CloudFormation asks about, and where it takes the answer: a secret, since it takes it
 * from anybody who knows the URL (rule 5.10, no secrets of gates).
 */
export const Asker = z.object({
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  /** As it is until an image is let in, and stays if none is. */
  PhysicalResourceId: z.string(),
});
export type Asker = z.infer<typeof Asker>;

export type Answer =
  | { readonly PhysicalResourceId: string; readonly Data?: { readonly Digest: string } }
  /** Why the resource fails. */
  | { readonly reason: string };

/** CloudFormation drops a longer answer whole, and its stack waits until the time is up. */
const ANSWER_BYTES = 4096;
const REASON_CHARACTERS = 2000;

/**
 * An id that no image has: an image that was refused when its resource was made is not remembered as one that
 * was let in.
 */
export function idOfNone(requestId: string): string {
  return `not-admitted/${requestId}`;
}

/** The body of an answer. The message is cut where the rest leaves it no room. */
export function answerText(
  { StackId, RequestId, LogicalResourceId, PhysicalResourceId }: Asker,
  answer: Answer,
): string {
  const base = { StackId, RequestId, LogicalResourceId };
  if (!('reason' in answer)) return JSON.stringify({ Status: 'SUCCESS', ...base, ...answer });
  const failed = { Status: 'FAILED', ...base, PhysicalResourceId };
  const room = ANSWER_BYTES - Buffer.byteLength(JSON.stringify({ ...failed, Reason: '' }));
  const Reason =
    answer.reason
      .split('\n')
      .map(line => plainText(line, REASON_CHARACTERS))
      .join('\n')
      .trim() || 'unknown';
  return JSON.stringify({ ...failed, Reason: cutToJson(Reason, room) });
}
