import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { registryOf } from '../../adapters/aws/asked-registry';
import { scanRequests } from '../../adapters/aws/asked-requests';
import { askedTrust, owner, pinnedKeys, remedyFor } from '../../adapters/aws/asked-trust';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { env } from '../../adapters/aws/environment';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { stackStatus } from '../../adapters/aws/stack-status';
import { logger } from '../../adapters/aws/telemetry';
import { pause } from '../../adapters/pause';
import { EnvironmentName } from '../../src/core/environment';
import type { DeploymentMessage } from '../../src/core/gates/deployment';
import type { Repository } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { IMPORTER_RESOURCE, noteOf } from '../../src/core/sharing/importers';
import { askerOf, requestTrust } from '../../use-cases/gates/request-trust';

const answers = new CloudFormationAnswers();
const deployments = new SqsQueue<DeploymentMessage>(env(EnvironmentName.deployments));
const requests = scanRequests();
const ports = {
  ...askedTrust,
  stackStatus,
  pause,
  requests,
  owner,
  resolve: async (repository: Repository, imageTag: string) => {
    const found = await registryOf(repository).find({ imageTag }, Limit.manifestBytes);
    return found?.digest;
  },
};

/**
 * A deletion or an error is answered at once. An answer that cannot be sent is an exception, and AWS Lambda
 * retries twice.
 */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const asker = askerOf(event);
  const { PhysicalResourceId } = asker;
  if (owner !== undefined) await tell(event);
  if (event.ResourceType === IMPORTER_RESOURCE) return answers.send(asker, { PhysicalResourceId });
  try {
    const keys = { all: async () => pinnedKeys(event.ResourceProperties.PinnedKeys).all() };
    const remedy = remedyFor(event.StackId);
    const waiting = await requestTrust(event, { ...ports, keys, remedy, now: new Date() });
    if (waiting !== undefined) await deployments.send({ ...waiting, asker });
    logger.info('asked', { request: event.RequestType, admittedBefore: PhysicalResourceId, ...waiting });
    if (waiting !== undefined) return;
  } catch (error) {
    logger.error('not asked', {
      request: event.RequestType,
      admittedBefore: PhysicalResourceId,
      error: error as Error,
    });
    return answers.send(asker, { reason: error instanceof Error ? error.message : String(error) });
  }
  return answers.send(asker, { PhysicalResourceId });
}

/** The trust of another app learns which stack asks it. No deployment fails because it does not. */
async function tell(event: CloudFormationCustomResourceEvent): Promise<void> {
  const note = noteOf(event);
  if (note === undefined) return;
  await requests.send(note).catch((error: unknown) => {
    logger.warn('the trust was not told who imports it', { error: error as Error });
  });
}
