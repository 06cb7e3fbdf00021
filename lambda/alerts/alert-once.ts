import type { Context } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { SentAlerts } from '../../adapters/aws/sent-alerts';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count } from '../../adapters/aws/telemetry';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName } from '../../src/core/environment';
import { onceForEach, sending, sendToAll } from '../../use-cases/alerts/publish-alert';

const topics = SnsTopic.all(env(EnvironmentName.alertTopics));
const sent = new SentAlerts(env(EnvironmentName.alertsSent));

/** Sends to every topic of this function, unless a message with this key was sent before. */
export function alertOnce(outcome: string): (key: string, message: AlertMessage) => Promise<void> {
  return (key, message) => sendToAll(topics, onceForEach(key, sending(message, { outcome }), sent.once));
}

/** Counts, unless this was counted before. */
export function countOnce(metric: string): (key: string) => Promise<void> {
  return key => sent.first(`${key}|${metric}`, async () => count(metric));
}

/** Each invocation says so first: what is being sent is remembered for as long as it may run. */
export function startsAlerting(context: Context): void {
  sent.during(context);
}
