import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { CodeBuildScans } from '../../adapters/aws/codebuild-scans';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { EcrRepositories } from '../../adapters/aws/ecr-repositories';
import { env } from '../../adapters/aws/environment';
import { homeOf } from '../../adapters/aws/home';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import type { Image, Place } from '../../src/core/image/image';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import { readScanRequest, type ScanRequest } from '../../src/core/scanning/scan-request';
import { Seconds } from '../../src/core/times';
import { dispatchScan } from '../../use-cases/scanning/dispatch-scan';
import { enrolmentCheck } from '../../use-cases/scanning/enrolment-check';

const queue = {
  url: env(EnvironmentName.scanRequests),
  deadLetterUrl: env(EnvironmentName.scanRequestsPoison),
};
const ports = {
  images: {
    manifest: (image: Image, maxBytes: number) =>
      new EcrRegistry(image).read({ imageDigest: image.digest }, maxBytes),
  },
  register: new TrustRegister(env(EnvironmentName.register)),
  builds: new CodeBuildScans(env(EnvironmentName.scanProject), env(EnvironmentName.evidence)),
  requests: new SqsQueue<ScanRequest>(queue.url),
  results: new SqsQueue<ResultMessage>(env(EnvironmentName.scanResults)),
  isEnrolled: enrolmentCheck(env(EnvironmentName.repositories), new EcrRepositories()),
  newScanId: () => ulid(),
  leaseSeconds: Number(env(EnvironmentName.leaseSeconds)),
  inFlightPerRepository: Number(env(EnvironmentName.inFlightPerRepository)),
  urlSuffix: env(EnvironmentName.urlSuffix),
  buildRevision: env(EnvironmentName.buildRevision),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const home = homeOf(context);
  return consume(event, queue, body => dispatch(body, home));
}

async function dispatch(body: unknown, home: Place): Promise<MessageOutcome> {
  const request = readScanRequest(body);
  if (!request.ok) return { poison: request.error };
  if (request.value === undefined) return { done: 'ignored: the event requests no scan' };
  const jitter = (from: number, to: number) => Math.round(from + Math.random() * (to - from));
  const outcome = await dispatchScan(request.value, {
    ...ports,
    home,
    jitter,
    now: new Date(),
    later: why => ({ deferSeconds: jitter(...Seconds.backpressure), why }),
  });
  if ('deferSeconds' in outcome) count(MetricName.scansDeferred);
  else if (outcome.scanId !== undefined) count(MetricName.scansStarted);
  else if (outcome.cause !== undefined) count(MetricName.scanFailed);
  const { image } = request.value;
  return {
    ...outcome,
    log: { image, ...('done' in outcome && { scanId: outcome.scanId, cause: outcome.cause }) },
  };
}
