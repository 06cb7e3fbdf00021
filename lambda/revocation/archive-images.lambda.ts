import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { BasesRow } from '../../adapters/aws/bases-row';
import { EcrArchive } from '../../adapters/aws/ecr-archive';
import { EcrRepositories } from '../../adapters/aws/ecr-repositories';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { GrantsTable } from '../../adapters/aws/grants-table';
import { homeOf } from '../../adapters/aws/home';
import { NewestDefinitions } from '../../adapters/aws/newest-definitions';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { RunningImages } from '../../adapters/aws/running-images';
import { count, logger } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import { isDaily } from '../../src/core/events/daily';
import { DetailType } from '../../src/core/events/image-events';
import { readEvent } from '../../src/core/events/our-events';
import { imageOf, repositoryOf, whyOtherRegion, type ImageName } from '../../src/core/image/image';
import type { StartableInventory } from '../../src/core/revocation/definitions';
import { Seconds } from '../../src/core/times';
import { livingGrants } from '../../src/core/trust/break-glass';
import { archiveRefused, restoreArchived } from '../../use-cases/revocation/archive-images';
import { enrolmentCheck } from '../../use-cases/scanning/enrolment-check';
import { alertOnce, startsAlerting } from '../alerts/alert-once';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const bases = new BasesRow(env(EnvironmentName.register));
const isEnrolled = enrolmentCheck(env(EnvironmentName.repositories), new EcrRepositories());
const grants = (process.env[EnvironmentName.grants]?.split(',') ?? []).map(name => new GrantsTable(name));
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  registry: new EcrArchive(),
  events: new EventBus(env(EnvironmentName.eventBus)),
  graceSeconds: Number(env(EnvironmentName.archiveGraceSeconds)),
  imagesInUse: env(EnvironmentName.imagesInUse) as 'KEEP' | 'ARCHIVE',
  baseRepositories: async () => new Set((await bases.load()).images.map(({ image }) => repositoryOf(image))),
  alert: alertOnce('FAIL'),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  startsAlerting(context);
  return consume(event, queue, body => (isDaily(body) ? archive(context) : restore(body, context)));
}

async function archive(context: Context): Promise<MessageOutcome> {
  const millisecondsLeft = () => context.getRemainingTimeInMillis() - Seconds.archiveEnds * 1000;
  const { archived, restored, kept, untold, problems, left } = await archiveRefused({
    ...ports,
    now: new Date(),
    isSelected: isSelected(context),
    isTimeOver: () => millisecondsLeft() <= 0,
    inventory: () => inventory(Math.max(0, Math.min(Seconds.archiveInventory * 1000, millisecondsLeft()))),
    livingGrants: async () => livingGrants(await grantRows(), new Date()),
  });
  for (const { image, why } of kept) logger.warn('not archived', { image, why });
  for (const { image, why } of untold) logger.warn('archived, and no event says so', { image, why });
  for (const problem of problems) logger.warn(problem);
  if (archived > 0) count(MetricName.imagesArchived, archived);
  if (restored > 0) count(MetricName.imagesRestored, restored);
  return {
    done: `archived ${archived} refused images, restored ${restored}, kept ${kept.length}, left ${left} for the next run`,
  };
}

async function inventory(milliseconds: number): Promise<StartableInventory> {
  const signal = AbortSignal.timeout(milliseconds);
  const [runs, starts] = await Promise.all([
    new RunningImages().list(signal),
    new NewestDefinitions().list(signal),
  ]);
  return { ...runs, ...starts, unknown: [...runs.unknown, ...starts.unknown] };
}

async function grantRows(): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const table of grants) for await (const row of table.all()) rows.push(row);
  return rows;
}

async function restore(body: unknown, context: Context): Promise<MessageOutcome> {
  const event = readEvent(body);
  if (!event.ok) return { poison: event.error };
  const { detailType, detail } = event.value;
  if (detailType !== DetailType.verdict && detailType !== DetailType.scanFailed) {
    return { done: 'ignored: it says nothing new about an image' };
  }
  const { image } = detail;
  const { done, restored } = await restoreArchived(image, { ...ports, isSelected: isSelected(context) });
  if (restored === true) count(MetricName.imagesRestored);
  return { done, log: { image } };
}

function isSelected(context: Context): (name: ImageName) => Promise<boolean> {
  const home = homeOf(context);
  return async name => {
    const image = imageOf(name);
    return whyOtherRegion(image, home) === undefined && isEnrolled(image, home);
  };
}
