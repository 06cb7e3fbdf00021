import { oncePerDay, onceForEach, sending, sendToAll, type AlertTopic, type SendOnce } from './publish-alert';
import { heldMessage, releasedMessage } from '../../src/core/alerts/brake-message';
import { grantMessage } from '../../src/core/alerts/grant-message';
import { alertMessage } from '../../src/core/alerts/image-message';
import { asText } from '../../src/core/alerts/message';
import { waiverMessage } from '../../src/core/alerts/waiver-message';
import { mayIndexNotify, whoNotifies, type Notifier } from '../../src/core/alerts/who-notifies';
import type { BrakeEvent } from '../../src/core/events/brake-events';
import type { GrantEvent } from '../../src/core/events/grant-events';
import {
  DetailType,
  type ImageEvent,
  type ImageRevocationHeldDetail,
  type VerdictOrFailure,
} from '../../src/core/events/image-events';
import type { WaiverEvent } from '../../src/core/events/waiver-events';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import { isHourly } from '../../src/core/scanning/failed-scan';
import { sha256Of } from '../../src/core/text/sha256';

export interface NotifyContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly topics: readonly AlertTopic[];
  readonly now: Date;
  readonly once: SendOnce;
}

/** The result. An image may wait for the event of its index. */
export type NotifyResult =
  | { readonly done: string }
  | { readonly deferSeconds: number; readonly why: string };

/**
 * Sends one message per image and change. An event that differs from the register is outdated: the newer one
 * has its own message.
 */
export async function notify(event: ImageEvent, context: NotifyContext): Promise<NotifyResult> {
  if (event.detailType === DetailType.trusted || event.detailType === DetailType.revoked) {
    return { done: 'no action is needed: the verdict notifies of a refusal' };
  }
  if (event.detailType === DetailType.held) return notifyOfHold(event.detail, context);
  const message = alertMessage(event);
  if (message === undefined) return { done: 'no action is needed' };
  const row = await context.register.load(event.detail.image);
  if (isOldNews(event, row)) return { done: 'the register says something else by now' };
  const notifier = await notifierOf(event, row, context);
  if (notifier === 'its index') return { done: 'its index notifies' };
  if (notifier !== 'the image') return { deferSeconds: notifier.waitSeconds, why: 'its index may notify' };
  const send = sending(message, {
    outcome: event.detailType === DetailType.verdict ? event.detail.outcome : 'ERROR',
    repository: event.detail.repository,
    account: event.detail.account,
  });
  await sendToAll(context.topics, onceForEach(alertKey(event), send, context.once));
  return { done: message.title };
}

/** A pull of the brake is one message, however many images it holds. */
async function notifyOfHold(
  detail: ImageRevocationHeldDetail,
  { register, topics, once }: NotifyContext,
): Promise<NotifyResult> {
  const { held } = await register.load(detail.image);
  if (held?.pulledAt !== detail.pulledAt) return { done: 'the register says something else by now' };
  const message = heldMessage(detail);
  await sendToAll(
    topics,
    onceForEach(`brake|${detail.pulledAt}`, sending(message, { outcome: 'BRAKE' }), once),
  );
  return { done: message.title };
}

/** A release of the brake is one message. */
export async function notifyOfBrake(
  event: BrakeEvent,
  { topics, once }: Omit<NotifyContext, 'register' | 'now'>,
): Promise<string> {
  const message = releasedMessage(event);
  const key = `brake|${event.detail.releaseId}`;
  await sendToAll(topics, onceForEach(key, sending(message, { outcome: 'BRAKE' }), once));
  return message.title;
}

async function notifierOf(
  event: VerdictOrFailure,
  row: RegisterRow,
  { register, now }: NotifyContext,
): Promise<Notifier> {
  if (!mayIndexNotify(event, row)) return 'the image';
  const image = imageOf(row.pk);
  const indexes = await Promise.all(
    (row.parents ?? []).map(digest => register.load(imageName(sibling(image, digest)))),
  );
  return whoNotifies(event, row, indexes, now);
}

/**
 * There is one event for each waiver and day, and one each time that the file cannot be read. A message that
 * repeats within a day is sent once.
 */
export async function notifyOfWaivers(
  event: WaiverEvent,
  { topics, once }: Omit<NotifyContext, 'register' | 'now'>,
  now: Date,
): Promise<string> {
  const message = waiverMessage(event);
  if (message === undefined) return 'no action is needed';
  const key = oncePerDay(asText(message), now);
  await sendToAll(topics, onceForEach(key, sending(message, { outcome: 'WAIVERS' }), once));
  return message.title;
}

/** A grant, its end and each of its uses is one message. */
export async function notifyOfGrants(
  event: GrantEvent,
  { topics, once }: Omit<NotifyContext, 'register' | 'now'>,
): Promise<string> {
  const message = grantMessage(event);
  const send = sending(message, { outcome: 'BREAK_GLASS' });
  await sendToAll(topics, onceForEach(sha256Of(asText(message) + usedAt(event)), send, once));
  return message.title;
}

function usedAt({ detail }: GrantEvent): string {
  return 'usedAt' in detail ? detail.usedAt : '';
}

/**
 * The current state of the row has its own message, unless its content is the same: then it was published
 * without a change, and only this event notifies. A forged build is not recorded in the row.
 */
function isOldNews(event: VerdictOrFailure, { verdict, lastFailedScan }: RegisterRow): boolean {
  if (event.detailType === DetailType.verdict) {
    const { verdictId, content } = event.detail;
    return verdict === undefined || (verdict.verdictId !== verdictId && verdict.content !== content);
  }
  const { cause } = event.detail;
  return cause !== 'PROVENANCE' && (lastFailedScan?.cause !== cause || lastFailedScan.retryAt !== undefined);
}

/**
 * What stops the scans of all images alike is one message a day for each repository. Else, the same change
 * twice is one message: EventBridge and SQS deliver at least once, and an event that may be
 * lost is published again. A repeated failure is no change, for as long as the same verdict stands.
 */
function alertKey({ detailType, detail }: VerdictOrFailure): string {
  if (detailType === DetailType.scanFailed && isHourly(detail.cause)) {
    return `${detail.cause}|${detail.repository}|${detail.at.slice(0, 10)}`;
  }
  return detailType === DetailType.verdict
    ? `${detail.image}|${detail.verdictId}`
    : `${detail.image}|${detail.cause}|${detail.standing.validUntil ?? 'no verdict'}`;
}
