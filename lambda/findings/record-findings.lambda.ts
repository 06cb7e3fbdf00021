import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { FindingsTable } from '../../adapters/aws/findings-table';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName } from '../../src/core/environment';
import { readImageEvent } from '../../src/core/events/read-event';
import { recordFindings } from '../../use-cases/findings/record-findings';

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
