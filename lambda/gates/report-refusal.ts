import { env } from '../../adapters/aws/environment';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count, flushMetrics, logger } from '../../adapters/aws/telemetry';
import { inTime } from '../../adapters/in-time';
import { pause } from '../../adapters/pause';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { Seconds } from '../../src/core/times';
import { sending, sendToAll } from '../../use-cases/alerts/publish-alert';

const topics = SnsTopic.all(env(EnvironmentName.alertTopics));

/** Counts a decision, and sends its message if it has one. */
export async function reportRefusal(
  outcome: 'refused' | 'ignored',
  message: AlertMessage | undefined,
): Promise<void> {
  count(outcome === 'refused' ? MetricName.deploymentsRefused : MetricName.refusalsIgnored);
  flushMetrics();
  if (message !== undefined) await sendAlert(message, Seconds.gateTells);
}

/** A message that cannot be sent in time must hold up nothing: the metric raises the alarm in any case. */
export async function sendAlert(message: AlertMessage, seconds: number): Promise<void> {
  const { title } = message;
  const sent = sendToAll(topics, sending(message, { outcome: 'NOT_TRUSTED' })).then(
    () => true,
    (error: unknown) => {
      logger.error('the message could not be sent', { title, error: error as Error });
      return true;
    },
  );
  const isOver = await inTime(sent, pause(seconds), () => false);
  if (!isOver) logger.error('the message was not sent in time', { title });
}
