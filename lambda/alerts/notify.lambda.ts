import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { SentAlerts } from '../../adapters/aws/sent-alerts';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName } from '../../src/core/environment';
import { readBrakeEvent } from '../../src/core/events/brake-events';
import { readImageEvent, readWaiverEvent } from '../../src/core/events/read-event';
import { readGrantEvent } from '../../src/core/trust/grant-events';
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
  const now = new Date();
  const waivers = readWaiverEvent(body);
  if (waivers !== undefined) return { done: `alert: ${await notifyOfWaivers(waivers, ports, now)}` };
  const grants = readGrantEvent(body);
  if (grants !== undefined) return { done: `alert: ${await notifyOfGrants(grants, ports)}` };
  const brake = readBrakeEvent(body);
  if (brake !== undefined) return { done: `alert: ${await notifyOfBrake(brake, ports)}` };
  const event = readImageEvent(body);
  if (!event.ok) return { poison: event.error };
  const { image, scanId } = event.value.detail;
  const told = await notify(event.value, { ...ports, now });
  return { ...('done' in told ? { done: `alert: ${told.done}` } : told), log: { image, scanId } };
}
