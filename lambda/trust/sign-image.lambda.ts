import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { KmsSigner } from '../../adapters/aws/kms-signer';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { count } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { readSignRequest } from '../../src/core/events/sign-request';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { Pace } from '../../use-cases/signing/pace';
import { signImage } from '../../use-cases/signing/sign-image';
import type { SignOptions } from '../../use-cases/signing/sign-ports';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const pace = new Pace(Number(env(EnvironmentName.putImagePerSecond)));
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  evidence: new EvidenceBucket(env(EnvironmentName.evidence)),
  events: new EventBus(env(EnvironmentName.eventBus)),
  signer: new KmsSigner(env(EnvironmentName.signingKey)),
  registry: (image: ImageName) => new EcrRegistry(imageOf(image)),
  pace: (puts: number) => pace.take(puts),
  options: JSON.parse(env(EnvironmentName.signOptions)) as SignOptions,
  urlSuffix: env(EnvironmentName.urlSuffix),
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return consume(event, queue, sign);
}

async function sign(body: unknown): Promise<MessageOutcome> {
  const request = readSignRequest(body);
  if (!request.ok) return { poison: request.error };
  if (request.value === undefined) return { done: 'ignored: the event asks for no signature' };
  const outcome = await signImage(request.value, { ...ports, now: new Date() });
  if ('done' in outcome && outcome.signed === true) count(MetricName.imagesSigned);
  return {
    ...outcome,
    log: { image: request.value.image, ...('done' in outcome && { scanId: outcome.scanId }) },
  };
}
