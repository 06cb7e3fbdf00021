import type { AlertFormat } from '../../src/core/alerts/alert-topics';
import { asChat, asText, type AlertMessage } from '../../src/core/alerts/message';
import { sha256Of } from '../../src/core/text/sha256';

/** One place that alerts go to. */
export interface AlertTopic {
  readonly arn: string;
  readonly format: AlertFormat;
  publish(message: {
    readonly subject: string;
    readonly body: string;
    readonly attributes: Readonly<Record<string, string>>;
  }): Promise<void>;
}

/** Sends to one topic. */
export type Send = (topic: AlertTopic) => Promise<void>;

/** Sends, unless a message with this key was sent before. */
export type SendOnce = (key: string, send: () => Promise<void>) => Promise<void>;

export function sending(message: AlertMessage, attributes: Readonly<Record<string, string>>): Send {
  return topic =>
    topic.publish({
      subject: message.subject,
      body: topic.format === 'CHAT' ? asChat(message) : asText(message),
      attributes,
    });
}

/** Sends to each topic, also if another one fails. Throws then, after all were tried. */
export async function sendToAll(topics: readonly AlertTopic[], send: Send): Promise<void> {
  const results = await Promise.allSettled(topics.map(send));
  const failure = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failure !== undefined) throw failure.reason;
}

/** The key of a message that says the same all day, and is sent once a day. */
export function oncePerDay(text: string, now: Date): string {
  return `${now.toISOString().slice(0, 10)}|${sha256Of(text)}`;
}

/** A topic that got the message does not get it again because another one failed. */
export function onceForEach(key: string, send: Send, once: SendOnce): Send {
  return topic => once(`${key}|${topic.format}|${topic.arn}`, () => send(topic));
}
