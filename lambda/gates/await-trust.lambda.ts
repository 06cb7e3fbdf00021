import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { sendAlert } from './report-refusal';
import { askedTrust, pinnedKeys, remedyFor } from '../../adapters/aws/asked-trust';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { env } from '../../adapters/aws/environment';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { count, logger } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import type { AlertMessage } from '../../src/core/alerts/message';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import type { Answer } from '../../src/core/gates/answer';
import { readDeploymentMessage, type DeploymentMessage } from '../../src/core/gates/deployment';
import { Seconds } from '../../src/core/times';
import { awaitTrust, type Waits } from '../../use-cases/gates/await-trust';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const answers = new CloudFormationAnswers();
const ports = {
  ...askedTrust,
  evidenceBucket: env(EnvironmentName.evidence),
  waitSeconds: Number(env(EnvironmentName.waitSeconds)),
  pause,
  report,
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
    // the images of many stacks that began together are not looked at together for ever
    const deferSeconds = answer.inSeconds * (1 + Math.random());
    return { deferSeconds, why: answer.waits, log: { image } };
  }
  await answers.send(asker, answer);
  if ('reason' in answer) count(MetricName.deploymentsRefused);
  return { done: 'reason' in answer ? 'refused' : 'admitted', log: { image } };
}

async function decide(message: DeploymentMessage): Promise<Answer | Waits> {
  const { image, asker } = message;
  try {
    return await awaitTrust(message, {
      ...ports,
      keys: { all: async () => pinnedKeys(message.pinnedKeys).all() },
      remedy: remedyFor(asker.StackId),
      now: new Date(),
      say: line => logger.info(line, { image }),
    });
  } catch (error) {
    logger.error('refused, because the decision failed', { image, error: error as Error });
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A refusal counts once CloudFormation has its answer. */
async function report(outcome: 'refused' | 'ignored', message: AlertMessage | undefined): Promise<void> {
  if (outcome === 'ignored') count(MetricName.refusalsIgnored);
  if (message !== undefined) await sendAlert(message, Seconds.deploymentTells);
}
