import type { Context } from 'aws-lambda';
import { gateContext } from './gate-context';
import { PipelineJobs } from '../../adapters/aws/pipeline-jobs';
import { logger } from '../../adapters/aws/telemetry';
import { jobIdOf } from '../../src/core/gates/pipeline-job';
import { decidePipelineJob } from '../../use-cases/gates/pipeline-job';

const jobs = new PipelineJobs();

/**
 * An answer that cannot be sent is an exception: AWS Lambda tries twice more, and then the action times out.
 */
export async function handler(event: unknown, context: Context): Promise<void> {
  const jobId = jobIdOf(event);
  if (jobId === undefined) return logger.error('not answered: the event names no job of CodePipeline');
  const scope = context.invokedFunctionArn; // CodePipeline does not say which pipeline it is
  const answer = await decidePipelineJob(event, { ...gateContext(context), scope });
  switch (answer.result) {
    case 'success':
      return jobs.succeed(jobId);
    case 'again':
      return jobs.succeed(jobId, answer.continuationToken);
    case 'failure':
      return jobs.fail(jobId, answer.message);
  }
}
