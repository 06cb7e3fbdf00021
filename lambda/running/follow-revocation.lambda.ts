import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { homeOf } from '../../adapters/aws/home';
import { ImportersRow } from '../../adapters/aws/importers-row';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { RunningImages } from '../../adapters/aws/running-images';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { DetailType } from '../../src/core/events/image-events';
import { readEvent } from '../../src/core/events/our-events';
import type { Inventory } from '../../src/core/running/inventory';
import { placesElsewhere } from '../../src/core/sharing/importers';
import { Seconds } from '../../src/core/times';
import { followRevocation, type FollowContext } from '../../use-cases/running/follow-revocation';
import { alertOnce, countOnce, startsAlerting } from '../alerts/alert-once';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const importers = new ImportersRow(env(EnvironmentName.register));
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  events: new EventBus(env(EnvironmentName.eventBus)),
  alert: alertOnce('REVOKED'),
  count: countOnce(MetricName.imagesRevoked),
};

/** The account is listed once for all messages of a batch: a bad database may revoke hundreds at once. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  startsAlerting(context);
  let listed: Promise<Inventory> | undefined;
  const inventory = () =>
    (listed ??= new RunningImages().list(AbortSignal.timeout(Seconds.inventory * 1000)));
  const importingPlaces = async () => placesElsewhere(await importers.load(), homeOf(context));
  return consume(event, queue, body => follow(body, { ...ports, inventory, importingPlaces }));
}

async function follow(body: unknown, context: FollowContext): Promise<MessageOutcome> {
  const event = readEvent(body);
  if (!event.ok) return { poison: event.error };
  const { detailType, detail } = event.value;
  if (detailType !== DetailType.revoked) return { done: 'ignored: it revokes nothing' };
  const { image, scanId } = detail;
  return { done: await followRevocation(image, context), log: { image, scanId } };
}
