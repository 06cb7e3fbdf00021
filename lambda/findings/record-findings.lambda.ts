import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { recordFindings } from './record-findings';
import { readImageEvent } from '../../src/core/announcement';
import { EnvironmentName } from '../../src/core/environment';
import { env } from '../adapters/environment';
import { EvidenceBucket } from '../adapters/evidence-bucket';
import { FindingsTable } from '../adapters/findings-table';
import { consume, type MessageOutcome } from '../adapters/queue-consumer';
import { TrustRegister } from '../adapters/trust-register';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  evidence: new EvidenceBucket(env(EnvironmentName.evidence)),
  findings: new FindingsTable(env(EnvironmentName.findings)),
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return consume(event, queue, record);
}

async function record(body: unknown): Promise<MessageOutcome> {
  const event = readImageEvent(body);
  if (!event.ok) return { poison: event.error };
  const { image, scanId } = event.value.detail;
  return { done: await recordFindings(image, ports), log: { image, scanId } };
}
