import * as z from 'zod';
import { ImageName } from '../image/image';
import { failed, ok, type Result } from '../result';
import type { ScanRequest } from '../scanning/scan-request';

/** All that the gate of another app may say. What else is in its message is not read. */
const ImporterRequest = z.object({
  version: z.literal(1),
  image: ImageName,
  reason: z.literal('request'),
});

/**
 * A message of the queue that other apps, perhaps of other accounts, send to: "a deployment waits for image
 * X". It can neither pretend to be a push, nor set a tag, a time or a priority.
 *
 * @param sentAt when SQS took the message
 */
export function readImporterRequest(body: unknown, sentAt: Date): Result<ScanRequest, string> {
  const request = ImporterRequest.safeParse(body);
  if (!request.success) {
    return failed(`not a scan request of a gate: ${z.prettifyError(request.error).replaceAll('\n', ' ')}`);
  }
  const { version, image, reason } = request.data;
  return ok({ version, image, reason, at: sentAt.toISOString(), priority: 'importer' });
}
