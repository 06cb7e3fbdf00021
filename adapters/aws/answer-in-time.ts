import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { CloudFormationAnswers } from './cloudformation-answers';
import { logger } from './telemetry';
import type { Answer } from '../../src/core/gates/answer';
import { Seconds } from '../../src/core/times';

/**
 * Does what a resource of CloudFormation asks for and answers, also where it fails or takes too long: a
 * resource without an answer waits for an hour. The error of a failure is its reason.
 *
 * @param what it does, for the reason
 */
export async function answerInTime(
  event: CloudFormationCustomResourceEvent,
  context: Context,
  {
    answers,
    what,
    id,
  }: { readonly answers: CloudFormationAnswers; readonly what: string; readonly id: string },
  whyNot: () => Promise<string | undefined>,
): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  const asker = { ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId: id };
  // a call to AWS may get no answer: in a VPC without a way, for one
  const end = new AbortController();
  const late = sleep(
    context.getRemainingTimeInMillis() - Seconds.answerReserve * 1000,
    `${what} had no answer of AWS in time; its log says of what: ${context.logGroupName}`,
    { signal: end.signal },
  );
  const why = await Promise.race([whyNot(), late]).catch((error: unknown) => {
    logger.error(`${what} failed`, { error: error as Error });
    return `${what} failed: ${error instanceof Error ? error.message : String(error)}`;
  });
  end.abort();
  const answer: Answer = why === undefined ? { PhysicalResourceId: id } : { reason: why };
  logger.info('answered', { request: event.RequestType, ...answer });
  await answers.send(asker, answer);
}
