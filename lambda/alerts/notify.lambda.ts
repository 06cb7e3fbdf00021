import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { SentAlerts } from '../../adapters/aws/sent-alerts';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName } from '../../src/core/environment';
import { BrakeDetailType } from '../../src/core/events/brake-events';
import { GrantDetailType } from '../../src/core/events/grant-events';
import { DetailType } from '../../src/core/events/image-events';
import { readEvent } from '../../src/core/events/our-events';
import { WaiverDetailType } from '../../src/core/events/waiver-events';
import { notify, notifyOfBrake, notifyOfGrants, notifyOfWaivers } from '../../use-cases/alerts/notify';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const sent = new SentAlerts(env(EnvironmentName.alertsSent));
const ports = {
  once: sent.once,
  register: new TrustRegister(env(EnvironmentName.register)),
  topics: SnsTopic.all(env(EnvironmentName.alertTopics)),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  sent.during(context);
  return consume(event, queue, alert);
}

async function alert(body: unknown): Promise<MessageOutcome> {
  const read = readEvent(body);
  if (!read.ok) return { poison: read.error };
  const event = read.value;
  const now = new Date();
  switch (event.detailType) {
    case WaiverDetailType.expiring:
    case WaiverDetailType.rejected:
    case WaiverDetailType.unused:
      return { done: `alert: ${await notifyOfWaivers(event, ports, now)}` };
    case GrantDetailType.granted:
    case GrantDetailType.used:
    case GrantDetailType.ended:
      return { done: `alert: ${await notifyOfGrants(event, ports)}` };
    case BrakeDetailType.released:
      return { done: `alert: ${await notifyOfBrake(event, ports)}` };
    case DetailType.verdict:
    case DetailType.scanFailed:
    case DetailType.trusted:
    case DetailType.revoked:
    case DetailType.held: {
      const { image, scanId } = event.detail;
      const told = await notify(event, { ...ports, now });
      return { ...('done' in told ? { done: `alert: ${told.done}` } : told), log: { image, scanId } };
    }
    default:
      return { poison: `not an event that the team is told of: ${event.detailType}` };
  }
}
