import * as z from 'zod';
import { cutToJson, jsonBytes, plainText } from '../text/plain-text';

/**
 * The resource that CloudFormation asks about, and the URL for the answer. The URL is a secret, because
 * CloudFormation accepts an answer from anyone who knows it (rule 5.10, no secrets of gates).
 */
export const Asker = z.object({
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  /** The id before this request. It stays if no image is admitted. */
  PhysicalResourceId: z.string(),
});
export type Asker = z.infer<typeof Asker>;

export type Answer =
  | { readonly PhysicalResourceId: string; readonly Data?: { readonly Digest: string } }
  /** Why the resource fails, and the command that lets it through in an emergency. */
  | { readonly reason: string; readonly wayOut?: string };

/** CloudFormation ignores a longer answer, and the stack waits until its timeout. */
const ANSWER_BYTES = 4096;
const REASON_CHARACTERS = 2000;

/**
 * An id that names no image, so that an image that was refused at the creation of its resource is not
 * remembered as admitted.
 */
export function idOfNone(requestId: string): string {
  return `not-admitted/${requestId}`;
}

/** The body of an answer. The reason is cut to the remaining space, and the way out is there whole or not. */
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
  const whole = `${Reason}\n${answer.wayOut ?? ''}`.trim();
  return JSON.stringify({ ...failed, Reason: cutToJson(jsonBytes(whole) > room ? Reason : whole, room) });
}
