import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { KmsKeys } from '../../adapters/aws/kms-keys';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { count } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { DetailType } from '../../src/core/events/image-events';
import { readEvent } from '../../src/core/events/our-events';
import { imageOf, type ImageName } from '../../src/core/image/image';
import { readPinnedKeys } from '../../src/core/signing/pinned-keys';
import { Seconds } from '../../src/core/times';
import { withdrawSignatures } from '../../use-cases/revocation/withdraw-signatures';
import { alertOnce, startsAlerting } from '../alerts/alert-once';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const pinnedKeys = env(EnvironmentName.pinnedKeys);
const keys = new KmsKeys(pinnedKeys);
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  keys: { arns: readPinnedKeys(pinnedKeys).map(({ arn }) => arn), all: () => keys.all() },
  events: new EventBus(env(EnvironmentName.eventBus)),
  registry: (image: ImageName) => new EcrRegistry(imageOf(image)),
  urlSuffix: env(EnvironmentName.urlSuffix),
  count: (removed: number) => count(MetricName.signaturesWithdrawn, removed),
  alert: alertOnce('REVOKED'),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  startsAlerting(context);
  const isLate = () => context.getRemainingTimeInMillis() < Seconds.withdrawReserve * 1000;
  return consume(event, queue, body => withdraw(body, isLate));
}

async function withdraw(body: unknown, isLate: () => boolean): Promise<MessageOutcome> {
  const event = readEvent(body);
  if (!event.ok) return { poison: event.error };
  const { detailType, detail } = event.value;
  if (detailType !== DetailType.revoked) return { done: 'ignored: it revokes nothing' };
  const { image, scanId } = detail;
  const done = await withdrawSignatures(image, { ...ports, isLate });
  return { done, log: { image, scanId } };
}
