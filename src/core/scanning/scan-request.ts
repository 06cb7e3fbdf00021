import * as z from 'zod';
import { isBackground, Priority } from './priority';
import { Image, ImageName, imageName, imageOf } from '../image/image';
import { failed, ok, type Result } from '../result';

/** Why an image is to be looked at. */
export const ScanReason = z.enum([
  'push', // a tag was pushed
  'untagged-push', // perhaps an image of an index that is still on its way
  'index', // an index names it
  'retry', // its last failed scan was transient, and the retry is due
  'renewal', // its verdict expires soon
  'reconcile', // reconcile found it without a verdict: its event may be lost
  'enrolment', // the same, but it is older than any event: its repository was enrolled later
  'request', // a person or a deployment asked
]);
export type ScanReason = z.infer<typeof ScanReason>;

/** "Look at image X again" (rule 4.1, messages are hints). */
export const ScanRequest = z.object({
  version: z.literal(1),
  image: ImageName,
  reason: ScanReason,
  /** When it was requested: a scan that began later covers it. */
  at: z.iso.datetime(),
  tag: z.string().max(128).optional(),
  /** Of a retry, and of an image of an index: as urgent as what it comes from. */
  priority: Priority.optional(),
});
export type ScanRequest = z.infer<typeof ScanRequest>;

const PRIORITY_OF: Readonly<Record<ScanReason, Priority>> = {
  push: 'push',
  'untagged-push': 'push',
  index: 'push',
  retry: 'renewal',
  renewal: 'renewal',
  reconcile: 'renewal',
  enrolment: 'enrolment',
  request: 'request',
};

export function priorityOf({ reason, priority }: Pick<ScanRequest, 'reason' | 'priority'>): Priority {
  return priority ?? PRIORITY_OF[reason];
}

/** Of a queue for each kind, the one that the request belongs into. */
export function queueFor<Queue>(
  request: Pick<ScanRequest, 'reason' | 'priority'>,
  queues: { readonly requests: Queue; readonly background: Queue },
): Queue {
  return isBackground(priorityOf(request)) ? queues.background : queues.requests;
}

/** How long the request has waited. */
export function ageSeconds({ at }: Pick<ScanRequest, 'at'>, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
}

/**
 * What is read of the events by which ECR says that a repository has a new image: it was pushed, replicated
 * from another registry, or pulled through a cache. The third kind has a status of its own, and no action.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 */
export const ECR_EVENTS = [
  'ECR Image Action',
  'ECR Replication Action',
  'ECR Pull Through Cache Action',
] as const;
export const NEW_IMAGE = { action: ['PUSH', 'REPLICATE'], result: 'SUCCESS' } as const;

const EcrEvent = z.object({
  source: z.literal('aws.ecr'),
  'detail-type': z.enum(ECR_EVENTS),
  account: z.string(),
  region: z.string(),
  time: z.string(),
  detail: z.object({
    'action-type': z.string().optional(),
    result: z.string().optional(),
    'sync-status': z.string().optional(),
    'repository-name': z.string(),
    // absent if nothing was pulled
    'image-digest': z.string().optional(),
    'image-tag': z.string().optional(),
  }),
});

/**
 * A message of the scan request queue: an event of ECR, or our own request. `undefined`: an event without a
 * scan.
 */
export function readScanRequest(body: unknown): Result<ScanRequest | undefined, string> {
  const event = EcrEvent.safeParse(body);
  if (event.success) return fromEvent(event.data);
  const request = ScanRequest.safeParse(body);
  return request.success
    ? ok(request.data)
    : failed(
        `neither an event of ECR about a new image nor a scan request: ${z.prettifyError(request.error).replaceAll('\n', ' ')}`,
      );
}

/** cosign's tags of signatures, attestations and SBOMs, which start no scan. */
export const ATTACHMENT_TAG = /^sha256-[0-9a-f]{64}/;

function fromEvent({
  'detail-type': type,
  account,
  region,
  time,
  detail,
}: z.infer<typeof EcrEvent>): Result<ScanRequest | undefined, string> {
  const tag = detail['image-tag'] === '' ? undefined : detail['image-tag'];
  if (!isNewImage(type, detail) || (tag !== undefined && ATTACHMENT_TAG.test(tag))) return ok(undefined);
  const image = Image.safeParse({
    account,
    region,
    repository: detail['repository-name'],
    digest: detail['image-digest'],
  });
  const at = new Date(time);
  if (!image.success || Number.isNaN(at.getTime())) {
    return failed(`an "${type}" event without a readable image or time`);
  }
  return ok({
    version: 1,
    image: imageName(image.data),
    reason: tag === undefined ? 'untagged-push' : 'push',
    at: at.toISOString(),
    ...(tag !== undefined && { tag }),
  });
}

function isNewImage(type: (typeof ECR_EVENTS)[number], detail: z.infer<typeof EcrEvent>['detail']): boolean {
  if (type === 'ECR Pull Through Cache Action') return detail['sync-status'] === NEW_IMAGE.result;
  return (
    NEW_IMAGE.action.some(action => action === detail['action-type']) && detail.result === NEW_IMAGE.result
  );
}

/** The request for another digest of the same repository. */
export function requestFor(
  image: ImageName,
  digest: string,
  reason: ScanReason,
  now: Date,
  priority?: Priority,
): ScanRequest {
  return {
    version: 1,
    image: imageName({ ...imageOf(image), digest }),
    reason,
    at: now.toISOString(),
    ...(priority !== undefined && priority !== PRIORITY_OF[reason] && { priority }),
  };
}
