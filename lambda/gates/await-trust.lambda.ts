import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { askedTrust, pinnedKeys, remedyFor } from '../../adapters/aws/asked-trust';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { env } from '../../adapters/aws/environment';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { SnsTopic } from '../../adapters/aws/sns-topic';
import { count, logger } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import type { Answer } from '../../src/core/gates/answer';
import { readDeploymentMessage, type DeploymentMessage } from '../../src/core/gates/deployment';
import { Seconds } from '../../src/core/times';
import { sending, sendToAll } from '../../use-cases/alerts/publish-alert';
import { awaitTrust, type Waits } from '../../use-cases/gates/await-trust';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const answers = new CloudFormationAnswers();
const topics = SnsTopic.all(env(EnvironmentName.alertTopics));
const ports = {
  ...askedTrust,
  evidenceBucket: env(EnvironmentName.evidence),
  waitSeconds: Number(env(EnvironmentName.waitSeconds)),
  say: (line: string, about: { readonly image: string }) => logger.info(line, about),
  alert,
  pause,
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return consume(event, queue, look);
}

/** An answer that cannot be sent is an exception: the message is received again. */
async function look(body: unknown): Promise<MessageOutcome> {
  const message = readDeploymentMessage(body);
  if (!message.ok) {
    const { why, asker } = message.error;
    if (asker === undefined) return { poison: why };
    await answers.send(asker, { reason: `${why}: deploy again` });
    return { done: `refused: ${why}` };
  }
  const { image, asker } = message.value;
  const answer = await decide(message.value);
  if ('waits' in answer) {
    return { deferSeconds: Seconds.deploymentLookEvery, why: answer.waits, log: { image } };
  }
  await answers.send(asker, answer);
  if ('reason' in answer) count(MetricName.deploymentsRefused);
  return { done: 'reason' in answer ? `refused: ${answer.reason}` : 'admitted', log: { image } };
}

async function decide(message: DeploymentMessage): Promise<Answer | Waits> {
  try {
    const keys = { all: async () => pinnedKeys(message.pinnedKeys).all() };
    const scope = message.asker.StackId;
    return await awaitTrust(message, { ...ports, keys, scope, remedy: remedyFor(scope), now: new Date() });
  } catch (error) {
    logger.error('refused, because the lookup failed', { image: message.image, error: error as Error });
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A failure to send the alert must not hold up a rollback. The metric raises the alarm in any case. */
async function alert(message: AlertMessage): Promise<void> {
  count(MetricName.refusalsIgnored);
  await sendToAll(topics, sending(message, { outcome: 'NOT_TRUSTED' })).catch((error: unknown) => {
    logger.error('the message could not be sent', { title: message.title, error: error as Error });
  });
}
