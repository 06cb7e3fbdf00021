import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { GrantsTable } from '../../adapters/aws/grants-table';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count } from '../../adapters/aws/telemetry';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { GrantMessage, type WatchedGrant } from '../../src/core/trust/grant-watch';
import { watchGrants } from '../../use-cases/break-glass/watch-grants';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const grants = new GrantsTable(env(EnvironmentName.grants));
const bus = new EventBus(env(EnvironmentName.eventBus));
const messages = new SqsQueue<GrantMessage>(queue.url);
const ports = {
  grant: (key: string, grantId: string) => grants.load(key, grantId),
  publish: bus.publish.bind(bus),
  watchAgain: (message: WatchedGrant) => messages.send(message),
  countLiving: () => {
    count(MetricName.grantsLiving);
  },
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return consume(event, queue, look);
}

async function look(body: unknown): Promise<MessageOutcome> {
  const message = GrantMessage.safeParse(body);
  if (!message.success) return { poison: 'not a message about a break-glass grant' };
  return watchGrants(message.data, { ...ports, now: new Date() });
}
