import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EcrArchive } from '../../adapters/aws/ecr-archive';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { RunningImages } from '../../adapters/aws/running-images';
import { SentAlerts } from '../../adapters/aws/sent-alerts';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count, logger } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, ExtraMetricName } from '../../src/core/environment';
import { DetailType } from '../../src/core/events/image-events';
import { readImageEvent } from '../../src/core/events/read-event';
import { isDaily } from '../../src/core/revocation/daily';
import { Seconds } from '../../src/core/times';
import { onceForEach, sending, sendToAll } from '../../use-cases/alerts/publish-alert';
import { archiveRefused, restoreArchived } from '../../use-cases/revocation/archive-images';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const topics = SnsTopic.all(env(EnvironmentName.alertTopics));
const sent = new SentAlerts(env(EnvironmentName.alertsSent));
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  registry: new EcrArchive(),
  events: new EventBus(env(EnvironmentName.eventBus)),
  graceSeconds: Number(env(EnvironmentName.archiveGraceSeconds)),
  imagesInUse: env(EnvironmentName.imagesInUse) as 'KEEP' | 'ARCHIVE',
  inventory: () => new RunningImages().list(AbortSignal.timeout(Seconds.inventory * 1000)),
  alert: (key: string, message: AlertMessage) =>
    sendToAll(topics, onceForEach(key, sending(message, { outcome: 'FAIL' }), sent.once)),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  sent.during(context);
  return consume(event, queue, body => (isDaily(body) ? archive() : restore(body)));
}

async function archive(): Promise<MessageOutcome> {
  const { archived, kept } = await archiveRefused({ ...ports, now: new Date() });
  for (const { image, why } of kept) logger.warn('not archived', { image, why });
  if (archived > 0) count(ExtraMetricName.imagesArchived, archived);
  return { done: `archived ${archived} refused images, kept ${kept.length}` };
}

async function restore(body: unknown): Promise<MessageOutcome> {
  const event = readImageEvent(body);
  if (!event.ok) return { poison: event.error };
  const { detailType, detail } = event.value;
  if (detailType !== DetailType.verdict && detailType !== DetailType.scanFailed) {
    return { done: 'ignored: it says nothing new about an image' };
  }
  const { image } = detail;
  const { done, restored } = await restoreArchived(image, ports);
  if (restored === true) count(ExtraMetricName.imagesRestored);
  return { done, log: { image } };
}
