import { SQSClient } from '@aws-sdk/client-sqs';
import { there } from './asked-trust';
import { env } from './environment';
import { SqsQueue } from './sqs-queue';
import { EnvironmentName } from '../../src/core/environment';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import type { ImporterNote } from '../../src/core/sharing/importers';

/** The queue of the trust that a gate asks for scans, and tells who imports it. */
export function scanRequests(): SqsQueue<ScanRequest | ImporterNote> {
  return new SqsQueue(env(EnvironmentName.scanRequests), new SQSClient(there));
}
