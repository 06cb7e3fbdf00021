import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { env } from '../../adapters/aws/environment';
import { ImportersRow } from '../../adapters/aws/importers-row';
import { stackStatus } from '../../adapters/aws/stack-status';
import { logger } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import { EnvironmentName } from '../../src/core/environment';
import type { Answer } from '../../src/core/gates/answer';
import { keepImported } from '../../use-cases/sharing/keep-imported';

const answers = new CloudFormationAnswers();
const ports = {
  stackStatus: (stackId: string) => stackStatus(stackId),
  importers: new ImportersRow(env(EnvironmentName.register)),
  pause,
};

/** Refuses the deletion of a stack whose trust others import. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = LogicalResourceId;
  const why = await keepImported(event, ports);
  const answer: Answer = why === undefined ? { PhysicalResourceId } : { reason: why };
  logger.info('asked', { request: event.RequestType, ...answer });
  await answers.send({ ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId }, answer);
}
