import { sha256Of } from '../../src/core/text/sha256';
import { alertMessage, asChat, asText } from '../../src/core/alerts/message';
import { mayBeToldByIndex, whoTells, type Teller } from '../../src/core/alerts/told-by-index';
import { waiverMessage } from '../../src/core/alerts/waiver-message';
import { DetailType, type ImageEvent, type VerdictOrFailure } from '../../src/core/events/image-events';
import type { WaiverEvent } from '../../src/core/events/waiver-events';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';

export interface NotifyContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly topic: {
    publish(message: { subject: string; body: string; attributes: Record<string, string> }): Promise<void>;
  };
  readonly format: 'TEXT' | 'CHAT';
  readonly now: Date;
  /** Sends, unless something was sent for this key before. */
  once(key: string, send: () => Promise<void>): Promise<void>;
}

/** What became of it. Some wait: what their index says is on its way. */
export type Told = { readonly done: string } | { readonly deferSeconds: number; readonly why: string };

/**
 * One message per image and change. An event that the register no longer agrees with is old news: the newer
 * one has its own message.
 */
export async function notify(event: ImageEvent, context: NotifyContext): Promise<Told> {
  if (event.detailType === DetailType.trusted || event.detailType === DetailType.revoked) {
    return { done: 'nothing that anybody must act on: a refusal is told by its verdict' };
  }
  const message = alertMessage(event);
  if (message === undefined) return { done: 'nothing that anybody must act on' };
  const row = await context.register.load(event.detail.image);
  if (isOldNews(event, row)) return { done: 'the register says something else by now' };
  const teller = await tellerOf(event, row, context);
  if (teller === 'its index') return { done: 'its index tells of it' };
  if (teller !== 'the image') return { deferSeconds: teller.waitSeconds, why: 'its index may tell of it' };
  await context.once(alertKey(event), () =>
    context.topic.publish({
      subject: message.subject,
      body: context.format === 'CHAT' ? asChat(message) : asText(message),
      attributes: {
        outcome: event.detailType === DetailType.verdict ? event.detail.outcome : 'ERROR',
        repository: event.detail.repository,
        account: event.detail.account,
      },
    }),
  );
  return { done: message.title };
}

async function tellerOf(
  event: VerdictOrFailure,
  row: RegisterRow,
  { register, now }: NotifyContext,
): Promise<Teller> {
  if (!mayBeToldByIndex(event, row)) return 'the image';
  const image = imageOf(row.pk);
  const indexes = await Promise.all(
    (row.parents ?? []).map(digest => register.load(imageName(sibling(image, digest)))),
  );
  return whoTells(event, row, indexes, now);
}

/**
 * An event a day and waiver, and one for each time that the file was found broken: a message that repeats
 * itself within a day is sent once.
 */
export async function notifyOfWaivers(
  event: WaiverEvent,
  { topic, format, once }: Omit<NotifyContext, 'register' | 'now'>,
  now: Date,
): Promise<string> {
  const message = waiverMessage(event);
  if (message === undefined) return 'nothing that anybody must act on';
  const body = format === 'CHAT' ? asChat(message) : asText(message);
  const key = `${now.toISOString().slice(0, 10)}|${sha256Of(body)}`;
  await once(key, () =>
    topic.publish({ subject: message.subject, body, attributes: { outcome: 'WAIVERS' } }),
  );
  return message.title;
}

/**
 * What stands now has a message of its own, unless it says the same: then it was published as no change, and
 * this event is all there is. A forged build is on nobody's record.
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
 * The same change twice is one message: EventBridge and SQS deliver at least once, and what may be lost is
 * published again. A failure that repeats itself is no change, for as long as the same verdict stands.
 */
function alertKey({ detailType, detail }: VerdictOrFailure): string {
  return detailType === DetailType.verdict
    ? `${detail.image}|${detail.verdictId}`
    : `${detail.image}|${detail.cause}|${detail.standing.validUntil ?? 'no verdict'}`;
}
