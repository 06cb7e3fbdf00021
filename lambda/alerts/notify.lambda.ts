import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { AlertsSentKey } from '../../src/core/alerts/sent-table';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { readImageEvent, readWaiverEvent } from '../../src/core/events/read-event';
import { Seconds } from '../../src/core/times';
import { notify, notifyOfWaivers } from '../../use-cases/alerts/notify';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const config = new IdempotencyConfig({ expiresAfterSeconds: Seconds.alertRemembered });
const once = makeIdempotent(
  async (_key: string, send: () => Promise<void>) => {
    await send();
    count(MetricName.alertsSent);
  },
  {
    persistenceStore: new DynamoDBPersistenceLayer({
      tableName: env(EnvironmentName.alertsSent),
      keyAttr: AlertsSentKey.partitionKey,
      expiryAttr: AlertsSentKey.expires,
    }),
    config,
    dataIndexArgument: 0,
  },
);
const ports = {
  once,
  register: new TrustRegister(env(EnvironmentName.register)),
  topics: SnsTopic.all(env(EnvironmentName.alertTopics)),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  config.registerLambdaContext(context);
  return consume(event, queue, alert);
}

async function alert(body: unknown): Promise<MessageOutcome> {
  const now = new Date();
  const waivers = readWaiverEvent(body);
  if (waivers !== undefined) return { done: `alert: ${await notifyOfWaivers(waivers, ports, now)}` };
  const event = readImageEvent(body);
  if (!event.ok) return { poison: event.error };
  const { image, scanId } = event.value.detail;
  const told = await notify(event.value, { ...ports, now });
  return { ...('done' in told ? { done: `alert: ${told.done}` } : told), log: { image, scanId } };
}
