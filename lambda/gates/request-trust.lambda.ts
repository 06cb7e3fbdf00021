import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { askerOf, requestTrust } from './request-trust';
import { EnvironmentName } from '../../src/core/environment';
import type { DeploymentMessage } from '../../src/core/gates/deployment';
import { Limit } from '../../src/core/limits';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { digestOf } from '../../src/core/trust/oci-artefact';
import { CloudFormationAnswers } from '../adapters/cloudformation-answers';
import { EcrRegistry } from '../adapters/ecr-registry';
import { env } from '../adapters/environment';
import { KmsKeys } from '../adapters/kms-keys';
import { policyPointers } from '../adapters/policy-register';
import { SqsQueue } from '../adapters/sqs-queue';
import { stackStatus } from '../adapters/stack-status';
import { logger } from '../adapters/telemetry';
import { TrustRegister } from '../adapters/trust-register';

const answers = new CloudFormationAnswers();
const deployments = new SqsQueue<DeploymentMessage>(env(EnvironmentName.deployments));
const ports = {
  stackStatus,
  register: new TrustRegister(env(EnvironmentName.register)),
  keys: new KmsKeys(env(EnvironmentName.pinnedKeys)),
  policies: policyPointers(env(EnvironmentName.policies)),
  requests: new SqsQueue<ScanRequest>(env(EnvironmentName.scanRequests)),
  resolve: async (repository: { account: string; region: string; repository: string }, imageTag: string) => {
    const found = await new EcrRegistry(repository).find({ imageTag }, Limit.manifestBytes);
    return found === undefined ? undefined : digestOf(found.text);
  },
};

/**
 * What is not waited for is answered at once. An answer that does not arrive is an error, and AWS Lambda
 * calls twice more.
 */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  const asker = askerOf(event);
  const { PhysicalResourceId } = asker;
  try {
    const waiting = await requestTrust(event, { ...ports, now: new Date() });
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
