import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { basesOf } from '../../adapters/aws/bases-row';
import { CodeBuildScans } from '../../adapters/aws/codebuild-scans';
import { env } from '../../adapters/aws/environment';
import { EventBus } from '../../adapters/aws/event-bus';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { RepositoryGracePeriods } from '../../adapters/aws/grace-periods';
import { homeOf } from '../../adapters/aws/home';
import { policyPointers } from '../../adapters/aws/policy-table';
import { consume, type MessageOutcome } from '../../adapters/aws/queue-consumer';
import { regoEngine } from '../../adapters/aws/rego-engine';
import { PassedImagesRow, RevocationBrakeRow } from '../../adapters/aws/revocation-brake';
import { ScanRequestQueues } from '../../adapters/aws/scan-requests';
import { ScanSlotsRow } from '../../adapters/aws/scan-slots';
import { SqsQueue } from '../../adapters/aws/sqs-queue';
import { count, seconds } from '../../adapters/aws/telemetry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { EnvironmentName, MetricName } from '../../src/core/environment';
import type { Place } from '../../src/core/image/image';
import { isFarFromHolding } from '../../src/core/register/revocation-brake';
import { ExpectedBuild } from '../../src/core/scanning/provenance';
import { readResultMessage, type ResultMessage } from '../../src/core/scanning/result-message';
import { RegoRuntime } from '../../src/runtime/rego-runtime';
import { evaluateBuild } from '../../use-cases/evaluation/evaluate-build';
import type { EvaluateContext, EvaluateOutcome } from '../../use-cases/evaluation/evaluate-ports';
import { evaluateStored } from '../../use-cases/evaluation/evaluate-stored';
import { activePolicy } from '../../use-cases/policy/active-policy';

const queue = {
  url: env(EnvironmentName.scanResults),
  deadLetterUrl: env(EnvironmentName.scanResultsPoison),
};
const evidence = new EvidenceBucket(env(EnvironmentName.evidence));
const uploads = new EvidenceBucket(env(EnvironmentName.uploads));
const expectedBuild = ExpectedBuild.parse(JSON.parse(env(EnvironmentName.expectedBuild)));
const brakePercent = process.env[EnvironmentName.revocationBrake];
const ports = {
  evidence,
  uploads,
  expectedBuild,
  register: new TrustRegister(env(EnvironmentName.register)),
  slots: new ScanSlotsRow(env(EnvironmentName.register)),
  builds: new CodeBuildScans(expectedBuild.project, uploads.name),
  events: new EventBus(env(EnvironmentName.eventBus)),
  requests: new ScanRequestQueues({
    requests: env(EnvironmentName.scanRequests),
    background: env(EnvironmentName.backgroundRequests),
  }),
  results: new SqsQueue<ResultMessage>(queue.url),
  gracePeriods: new RepositoryGracePeriods(env(EnvironmentName.register)),
  bases: basesOf(env(EnvironmentName.register), process.env[EnvironmentName.baseRepositories]),
  activePolicy: activePolicy(policyPointers(env(EnvironmentName.policies)), evidence),
  rego: new RegoRuntime(regoEngine).ask,
  brake: brakePercent === undefined ? undefined : brakeAbove(Number(brakePercent)),
  newId: () => ulid(),
  urlSuffix: env(EnvironmentName.urlSuffix),
};

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const home = homeOf(context);
  return consume(event, queue, body => look(body, home));
}

async function look(body: unknown, home: Place): Promise<MessageOutcome> {
  const message = readResultMessage(body);
  if (!message.ok) return { poison: message.error };
  const context = { ...ports, home, now: new Date() };
  const outcome =
    'buildId' in message.value
      ? await evaluateBuild(message.value.buildId, context)
      : await evaluateStored(message.value.image, context);
  measure(outcome);
  const { image, scanId } = outcome;
  return {
    ...outcome,
    log: { image, scanId, ...('done' in outcome && { cause: outcome.cause, outcome: outcome.outcome }) },
  };
}

function brakeAbove(percent: number): EvaluateContext['brake'] {
  const brake = new RevocationBrakeRow(env(EnvironmentName.register));
  const passed = new PassedImagesRow(env(EnvironmentName.register));
  return {
    ask: async (repository, now) => {
      if (isFarFromHolding(await brake.load(), repository, now)) return undefined;
      return brake.ask({ repository, percent, passed: await passed.load() }, now);
    },
    pulled: async now => brake.pulled(now),
    count: async (failed, now) => brake.count(failed, now),
  };
}

function measure(outcome: EvaluateOutcome): void {
  if (!('done' in outcome)) return;
  if (outcome.outcome !== undefined) {
    count(outcome.outcome === 'PASS' ? MetricName.verdictPass : MetricName.verdictFail);
  }
  if (outcome.isHeld === true) count(MetricName.revocationsHeld);
  if (outcome.secondsSincePush !== undefined) {
    seconds(MetricName.secondsSincePush, outcome.secondsSincePush);
  }
  if (outcome.cause !== undefined) count(MetricName.scanFailed);
  if (outcome.cause === 'PROVENANCE') count(MetricName.provenanceFailure);
}
