import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { failBriefly } from './fail-briefly';
import { requestTrust, type RequestAnswer } from './request-trust';
import { EnvironmentName } from '../../src/core/environment';
import { Limit } from '../../src/core/limits';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { digestOf } from '../../src/core/trust/oci-artefact';
import { EcrRegistry } from '../adapters/ecr-registry';
import { env } from '../adapters/environment';
import { KmsKeys } from '../adapters/kms-keys';
import { policyPointers } from '../adapters/policy-register';
import { SqsQueue } from '../adapters/sqs-queue';
import { stackStatus } from '../adapters/stack-status';
import { logger } from '../adapters/telemetry';
import { TrustRegister } from '../adapters/trust-register';

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

export async function handler(event: CloudFormationCustomResourceEvent): Promise<RequestAnswer> {
  return failBriefly(async () => {
    const answer = await requestTrust(event, { ...ports, now: new Date() });
    logger.info('asked', { request: event.RequestType, admittedBefore: answer.PhysicalResourceId, ...answer.Data });
    return answer;
  });
}
