import { alertMessage, asChat, asText } from '../../src/core/alerts/message';
import { DetailType, type ImageEvent } from '../../src/core/events';
import type { ImageName } from '../../src/core/image';
import type { RegisterRow } from '../../src/core/trust/register-row';

export interface NotifyContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly topic: { publish(message: { subject: string; body: string; attributes: Record<string, string> }): Promise<void> };
  readonly format: 'TEXT' | 'CHAT';
}

/** One message per image and change. An event that the register no longer agrees with is old news: the newer one has its own message. */
export async function notify(event: ImageEvent, context: NotifyContext): Promise<{ sent: boolean; why: string }> {
  const message = alertMessage(event);
  if (message === undefined) return { sent: false, why: 'nothing that anybody must act on' };
  const row = await context.register.load(event.detail.image);
  if (event.detailType === DetailType.verdict && row.verdict?.verdictId !== event.detail.verdictId) return { sent: false, why: 'the register has another verdict by now' };
  await context.topic.publish({
    subject: message.subject,
    body: context.format === 'CHAT' ? asChat(message) : asText(message),
    attributes: {
      outcome: event.detailType === DetailType.verdict ? event.detail.outcome : 'ERROR',
      repository: event.detail.repository,
      account: event.detail.account,
    },
  });
  return { sent: true, why: message.title };
}

/** The same change twice is one message: EventBridge and SQS deliver at least once, and reconcile announces again what may be lost. */
export function alertKey(event: ImageEvent): string {
  return event.detailType === DetailType.verdict
    ? `${event.detail.image}|${event.detail.verdictId}`
    : `${event.detail.image}|${event.detail.cause}|${event.detail.at}`;
}
