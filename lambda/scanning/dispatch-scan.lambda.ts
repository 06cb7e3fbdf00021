import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { CodeBuildScans } from '../../adapters/aws/codebuild-scans';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { EcrRepositories } from '../../adapters/aws/ecr-repositories';
import { env } from '../../adapters/aws/environment';
import { homeOf } from '../../adapters/aws/home';
import { ImportersRow } from '../../adapters/aws/importers-row';
import { consume, queueOf, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { ScanRequestQueues } from '../../adapters/aws/scan-requests';
import { ScanSlotsRow } from '../../adapters/aws/scan-slots';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count, seconds } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import type { Image, Place } from '../../src/core/image/image';
import { lateness } from '../../src/core/scanning/lateness';
import { isBackground } from '../../src/core/scanning/priority';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import { ageSeconds, priorityOf, readScanRequest } from '../../src/core/scanning/scan-request';
import { readImporterRequest } from '../../src/core/sharing/importer-request';
import { ImporterNote } from '../../src/core/sharing/importers';
import { dispatchScan } from '../../use-cases/scanning/dispatch-scan';
import { enrolmentCheck } from '../../use-cases/scanning/enrolment-check';

const urls = {
  requests: env(EnvironmentName.scanRequests),
  background: env(EnvironmentName.backgroundRequests),
};
const deadLetterUrl = env(EnvironmentName.scanRequestsPoison);
const importersUrl = process.env[EnvironmentName.importerRequests];
const importersQueue =
  importersUrl === undefined
    ? undefined
    : { url: importersUrl, deadLetterUrl: env(EnvironmentName.importerRequestsPoison) };
const queues = [
  ...Object.values(urls).map(url => ({ url, deadLetterUrl })),
  ...(importersQueue ? [importersQueue] : []),
];
const register = env(EnvironmentName.register);
const importers = new ImportersRow(register);
const ports = {
  images: {
    manifest: (image: Image, maxBytes: number) =>
      new EcrRegistry(image).read({ imageDigest: image.digest }, maxBytes),
  },
  register: new TrustRegister(register),
  slots: new ScanSlotsRow(register, {
    scans: Number(env(EnvironmentName.concurrency)),
    perRepository: Number(env(EnvironmentName.concurrencyPerRepository)),
  }),
  builds: new CodeBuildScans(env(EnvironmentName.scanProject), env(EnvironmentName.uploads)),
  requests: new ScanRequestQueues(urls),
  results: new SqsQueue<ResultMessage>(env(EnvironmentName.scanResults)),
  isEnrolled: enrolmentCheck(env(EnvironmentName.repositories), new EcrRepositories()),
  newScanId: () => ulid(),
  leaseSeconds: Number(env(EnvironmentName.leaseSeconds)),
  urlSuffix: env(EnvironmentName.urlSuffix),
  buildRevision: env(EnvironmentName.buildRevision),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const home = homeOf(context);
  const queue = queueOf(event, queues);
  return consume(event, queue, (body, sentAt) =>
    queue === importersQueue ? ofImporter(body, sentAt, home) : dispatch(readScanRequest(body), home),
  );
}

/** A gate of another app asks for a scan, or says which stack imports the trust. */
async function ofImporter(body: unknown, sentAt: Date, home: Place): Promise<MessageOutcome> {
  const note = ImporterNote.safeParse(body);
  if (!note.success) return dispatch(readImporterRequest(body, sentAt), home);
  await importers.note(note.data, sentAt);
  return { done: `${note.data.importer} is noted` };
}

async function dispatch(request: ReturnType<typeof readScanRequest>, home: Place): Promise<MessageOutcome> {
  if (!request.ok) return { poison: request.error };
  if (request.value === undefined) return { done: 'ignored: the event requests no scan' };
  const now = new Date();
  const jitter = (from: number, to: number) => Math.round(from + Math.random() * (to - from));
  const outcome = await dispatchScan(request.value, { ...ports, home, jitter, now });
  const age = Math.round(ageSeconds(request.value, now));
  if ('deferSeconds' in outcome) {
    const isForNobody = isBackground(priorityOf(request.value));
    count(MetricName.scansDeferred);
    count(MetricName.scansLate, lateness(isForNobody, age));
    seconds(isForNobody ? MetricName.oldestBackgroundRequest : MetricName.oldestRequest, age);
  } else if (outcome.scanId !== undefined) {
    count(MetricName.scansStarted);
  } else if (outcome.cause !== undefined) {
    count(MetricName.scanFailed);
  }
  const { image } = request.value;
  return {
    ...outcome,
    log: {
      image,
      ageSeconds: age,
      ...('done' in outcome && { scanId: outcome.scanId, cause: outcome.cause }),
    },
  };
}
