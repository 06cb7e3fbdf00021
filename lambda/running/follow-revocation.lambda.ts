import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { RunningImages } from '../../adapters/aws/running-images';
import { SentAlerts } from '../../adapters/aws/sent-alerts';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, ExtraMetricName } from '../../src/core/environment';
import { DetailType } from '../../src/core/events/image-events';
import { readImageEvent } from '../../src/core/events/read-event';
import type { Inventory } from '../../src/core/running/inventory';
import { Seconds } from '../../src/core/times';
import { onceForEach, sending, sendToAll } from '../../use-cases/alerts/publish-alert';
import { followRevocation, type FollowContext } from '../../use-cases/running/follow-revocation';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const topics = SnsTopic.all(env(EnvironmentName.alertTopics));
const sent = new SentAlerts(env(EnvironmentName.alertsSent));
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  events: new EventBus(env(EnvironmentName.eventBus)),
  alert: (key: string, message: AlertMessage) =>
    sendToAll(topics, onceForEach(key, sending(message, { outcome: 'REVOKED' }), sent.once)),
};

/** The account is listed once for all messages of a batch: a bad database may revoke hundreds at once. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  sent.during(context);
  let listed: Promise<Inventory> | undefined;
  const inventory = () =>
    (listed ??= new RunningImages().list(AbortSignal.timeout(Seconds.inventory * 1000)));
  return consume(event, queue, body => follow(body, { ...ports, inventory }));
}

async function follow(body: unknown, context: FollowContext): Promise<MessageOutcome> {
  const event = readImageEvent(body);
  if (!event.ok) return { poison: event.error };
  const { detailType, detail } = event.value;
  if (detailType !== DetailType.revoked) return { done: 'ignored: it revokes nothing' };
  const { image, scanId } = detail;
  const { done, isRevoked } = await followRevocation(image, context);
  if (isRevoked) count(ExtraMetricName.imagesRevoked);
  return { done, log: { image, scanId } };
}
