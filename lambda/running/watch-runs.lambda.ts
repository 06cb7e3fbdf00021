import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { askedRepositories } from '../../adapters/aws/asked-registry';
import { askedTrust, remedyFor, templateKeys } from '../../adapters/aws/asked-trust';
import { env } from '../../adapters/aws/environment';
import { ImageFunctions } from '../../adapters/aws/image-functions';
import { JobDefinitions } from '../../adapters/aws/job-definitions';
import { judgedBy } from '../../adapters/aws/judged-by';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { TaskDefinitions } from '../../adapters/aws/task-definitions';
import { count } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { Digest, type Repository } from '../../src/core/image/image';
import type { LookUp } from '../../src/core/running/sighting';
import { watchRun } from '../../use-cases/running/watch-run';
import { alertOnce, startsAlerting } from '../alerts/alert-once';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const allowed = z.array(Digest).parse(JSON.parse(env(EnvironmentName.allowedDigests)));
const taskDefinitions = new TaskDefinitions();
const functions = new ImageFunctions();
const jobDefinitions = new JobDefinitions();
const ports = {
  ...askedTrust,
  keys: templateKeys,
  lookUp: ({ kind, name }: LookUp) => {
    switch (kind) {
      case 'task-definition':
        return taskDefinitions.images(name);
      case 'function':
        return functions.images(name);
      case 'job-definition':
        return jobDefinitions.images(name);
    }
  },
  resolve: (repository: Repository, tag: string) => askedRepositories.digestOf(repository, tag),
  alert: alertOnce('NOT_TRUSTED'),
  pause,
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  startsAlerting(context);
  const known = { judged: judgedBy(context), allowed };
  const remedy = remedyFor(context.invokedFunctionArn);
  return consume(event, queue, body => watch(body, { ...ports, known, remedy, now: new Date() }));
}

async function watch(body: unknown, context: Parameters<typeof watchRun>[1]): Promise<MessageOutcome> {
  const result = await watchRun(body, context);
  if ('untrusted' in result || 'unread' in result) count(MetricName.runsWithoutTrust);
  return 'done' in result ? { done: result.done } : result;
}
