import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { cachedTags } from '../../adapters/aws/cached-tags';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { EcrRepositories } from '../../adapters/aws/ecr-repositories';
import { env } from '../../adapters/aws/environment';
import { homeOf } from '../../adapters/aws/home';
import { policyPointers } from '../../adapters/aws/policy-table';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { PassedImagesRow, RevocationBrakeRow } from '../../adapters/aws/revocation-brake';
import { ScanRequestQueues } from '../../adapters/aws/scan-requests';
import { ScanSlotsRow } from '../../adapters/aws/scan-slots';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count, flushMetrics, logger, percent } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import type { SignRequest } from '../../src/core/events/sign-request';
import { Enrolment } from '../../src/core/image/enrolment';
import type { Place } from '../../src/core/image/image';
import type { Coverage } from '../../src/core/register/coverage';
import { scanLoad } from '../../src/core/register/scan-load';
import { ReconcileMessage, type RepositoryMessage } from '../../src/core/scanning/reconcile-message';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import { pullCached } from '../../use-cases/scanning/pull-cached';
import { reconcileDue, reconcileRepository, type ReconcileContext } from '../../use-cases/scanning/reconcile';

const queue = { url: env(EnvironmentName.queue), deadLetterUrl: env(EnvironmentName.deadLetterQueue) };
const signRequests = process.env[EnvironmentName.signRequests];
const ports = {
  register: new TrustRegister(env(EnvironmentName.register)),
  images: new EcrRepositories(),
  policies: policyPointers(env(EnvironmentName.policies)),
  requests: new ScanRequestQueues({
    requests: env(EnvironmentName.scanRequests),
    background: env(EnvironmentName.backgroundRequests),
  }),
  results: new SqsQueue<ResultMessage>(env(EnvironmentName.scanResults)),
  repositories: new SqsQueue<RepositoryMessage>(queue.url),
  signing: signRequests === undefined ? undefined : new SqsQueue<SignRequest>(signRequests),
  brake: process.env[EnvironmentName.revocationBrake] === undefined ? undefined : brakePorts(),
  enrolment: Enrolment.parse(JSON.parse(env(EnvironmentName.repositories))),
};
const slots = new ScanSlotsRow(env(EnvironmentName.register));
const cached = cachedTags();

/** On schedule: what is due. From its own queue: one repository, or everything because the policy changed. */
export async function handler(
  event: SQSEvent | { readonly source: string },
  context: Context,
): Promise<SQSBatchResponse | undefined> {
  const home = homeOf(context);
  if ('Records' in event) return consume(event, queue, body => reconcileMessage(body, home));
  logger.info(await sweep(home, {}));
  flushMetrics();
  return undefined;
}

async function reconcileMessage(body: unknown, home: Place): Promise<MessageOutcome> {
  const message = ReconcileMessage.safeParse(body);
  if (!message.success) return { poison: 'neither a repository nor a request to compare all of them' };
  if ('sweep' in message.data) return { done: await sweep(home, { uncounted: true }) };
  const { done, coverage } = await reconcileRepository(message.data, { ...ports, home, now: new Date() });
  if (message.data.uncounted !== true) {
    const capacity = await slots.capacity(new Date());
    countImages(coverage);
    const { percent: load } = scanLoad(coverage.passed, capacity);
    if (load > 0) percent(MetricName.scanLoad, load); // a metric is billed for each hour with data
  }
  return { done };
}

function countImages(coverage: Coverage): void {
  count(MetricName.imagesPassed, coverage.passed);
  count(MetricName.imagesRefused, coverage.refused);
  count(MetricName.imagesUnjudged, coverage.unjudged);
  if (coverage.held > 0) count(MetricName.revocationsHeld, coverage.held);
  count(MetricName.findingsCritical, coverage.critical);
  count(MetricName.findingsHigh, coverage.high);
}

function brakePorts(): ReconcileContext['brake'] {
  const brake = new RevocationBrakeRow(env(EnvironmentName.register));
  const passed = new PassedImagesRow(env(EnvironmentName.register));
  return {
    pulled: async now => brake.pulled(now),
    countPassed: async (counted, now) => passed.count(counted, now),
  };
}

async function sweep(home: Place, mark: Pick<RepositoryMessage, 'uncounted'>): Promise<string> {
  // first, so that what is due is scanned with the newest database
  const problems = await pullCached(cached, ({ repository }) => new EcrRegistry({ ...home, repository }));
  for (const problem of problems) logger.warn(problem);
  const { due, repositories } = await reconcileDue({ ...ports, home, now: new Date() }, mark);
  count(MetricName.reconciled, due);
  return `${due} images were due, ${repositories} repositories are compared`;
}
