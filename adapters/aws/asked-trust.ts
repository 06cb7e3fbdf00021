import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { EcrRegistry } from './ecr-registry';
import { env } from './environment';
import { KmsKeys } from './kms-keys';
import { policyPointers } from './policy-table';
import { SqsQueue } from './sqs-queue';
import { TrustRegister } from './trust-register';
import { EnvironmentName } from '../../src/core/environment';
import type { Repository } from '../../src/core/image/image';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { accessRemedy } from '../../src/core/sharing/remedy';

/** Set for a trust of another app. Otherwise the trust is where the function is. */
const owner = process.env[EnvironmentName.trustOwner];
const region = owner?.split('.')[1];
const there = region === undefined ? {} : { region };
const tables = new DynamoDBClient(there);

/** What a gate reads of the trust that it asks. */
export const askedTrust = {
  register: new TrustRegister(env(EnvironmentName.register), tables),
  policies: policyPointers(env(EnvironmentName.policies), tables),
};

/** The queue of its scan requests. */
export function scanRequests(): SqsQueue<ScanRequest> {
  return new SqsQueue(env(EnvironmentName.scanRequests), new SQSClient(there));
}

const ecr = new ECRClient(there);

/** A repository whose images it judges. */
export function registryOf(repository: Repository): EcrRegistry {
  return new EcrRegistry(repository, ecr);
}

/** By their document: public keys are fetched once. */
const known = new Map<string, KmsKeys>();

/**
 * The keys that the template of the function names. If it names none, those that were read for this
 * deployment.
 */
export function pinnedKeys(readNow: string | undefined): KmsKeys {
  const document = process.env[EnvironmentName.pinnedKeys] ?? readNow;
  if (document === undefined) {
    throw new Error('no signing key is pinned: deploy the gate by its construct');
  }
  const keys = known.get(document) ?? new KmsKeys(document, new KMSClient(there));
  known.set(document, keys);
  return keys;
}

/** What to do if a trust of another app does not answer a gate. Undefined for a trust of the same app. */
export function remedyFor(stackId: string): string | undefined {
  return owner === undefined ? undefined : accessRemedy(owner, stackId.split(':')[4] ?? 'of this stack');
}
