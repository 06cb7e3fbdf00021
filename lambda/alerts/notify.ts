import { createHash } from 'node:crypto';
import { alertMessage, asChat, asText } from '../../src/core/alerts/message';
import { waiverMessage } from '../../src/core/alerts/waiver-message';
import { DetailType, type ImageEvent, type VerdictOrFailure } from '../../src/core/events';
import type { ImageName } from '../../src/core/image';
import type { WaiverEvent } from '../../src/core/policy/waiver-events';
import type { RegisterRow } from '../../src/core/trust/register-row';

export interface NotifyContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly topic: { publish(message: { subject: string; body: string; attributes: Record<string, string> }): Promise<void> };
  readonly format: 'TEXT' | 'CHAT';
  /** Sends, unless something was sent for this key before. */
  once(key: string, send: () => Promise<void>): Promise<void>;
}

/** One message per image and change. An event that the register no longer agrees with is old news: the newer one has its own message. */
export async function notify(event: ImageEvent, context: NotifyContext): Promise<string> {
  if (event.detailType === DetailType.trusted || event.detailType === DetailType.revoked) return 'nothing that anybody must act on: a refusal is told by its verdict';
  const message = alertMessage(event);
  if (message === undefined) return 'nothing that anybody must act on';
  const row = await context.register.load(event.detail.image);
  if (isOldNews(event, row)) return 'the register says something else by now';
  if (isToldByItsIndex(event, row)) return 'its index tells of it';
  await context.once(alertKey(event), () => context.topic.publish({
    subject: message.subject,
    body: context.format === 'CHAT' ? asChat(message) : asText(message),
    attributes: {
      outcome: event.detailType === DetailType.verdict ? event.detail.outcome : 'ERROR',
      repository: event.detail.repository,
      account: event.detail.account,
    },
  }));
  return message.title;
}

/** An event a day and waiver, and one for each time that the file was found broken: a message that repeats itself within a day is sent once. */
export async function notifyOfWaivers(event: WaiverEvent, { topic, format, once }: Omit<NotifyContext, 'register'>, now: Date): Promise<string> {
  const message = waiverMessage(event);
  if (message === undefined) return 'nothing that anybody must act on';
  const body = format === 'CHAT' ? asChat(message) : asText(message);
  const key = `${now.toISOString().slice(0, 10)}|${createHash('sha256').update(body).digest('hex')}`;
  await once(key, () => topic.publish({ subject: message.subject, body, attributes: { outcome: 'WAIVERS' } }));
  return message.title;
}

/** A forged build is on nobody's record: its event is all there is. */
function isOldNews(event: VerdictOrFailure, row: RegisterRow): boolean {
  if (event.detailType === DetailType.verdict) return row.verdict?.verdictId !== event.detail.verdictId;
  return event.detail.cause !== 'PROVENANCE' && row.lastAttempt?.at !== event.detail.at;
}

/** Who pushes for five platforms hears of it once: an index ends in a verdict or an attempt whenever one of its images does. An image with a tag of its own is told as well. */
function isToldByItsIndex({ detail }: VerdictOrFailure, { parents = [], tags = [] }: RegisterRow): boolean {
  const isForgery = 'cause' in detail && detail.cause === 'PROVENANCE';
  return parents.length > 0 && tags.length === 0 && !isForgery;
}

/**
 * The same change twice is one message: EventBridge and SQS deliver at least once, and what may be lost is announced again. A failure
 * that repeats itself is no change, for as long as the same verdict stands.
 */
function alertKey({ detailType, detail }: VerdictOrFailure): string {
  return detailType === DetailType.verdict
    ? `${detail.image}|${detail.verdictId}`
    : `${detail.image}|${detail.cause}|${detail.standing.validUntil ?? 'no verdict'}`;
}
