import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { FindingsTable } from '../../adapters/aws/findings-table';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName } from '../../src/core/environment';
import { DetailType } from '../../src/core/events/image-events';
import { readEvent } from '../../src/core/events/our-events';
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
  const event = readEvent(body);
  if (!event.ok) return { poison: event.error };
  const { detailType, detail } = event.value;
  if (detailType !== DetailType.verdict) return { done: 'ignored: it is no verdict' };
  const { image, scanId } = detail;
  return { done: await recordFindings(image, ports), log: { image, scanId } };
}
