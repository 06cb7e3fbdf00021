import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { ulid } from 'ulid';
import { cachedTags } from '../../adapters/aws/cached-tags';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { CodeBuildScans } from '../../adapters/aws/codebuild-scans';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { env } from '../../adapters/aws/environment';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { homeOf } from '../../adapters/aws/home';
import { ScanSlotsRow } from '../../adapters/aws/scan-slots';
import { stackStatus } from '../../adapters/aws/stack-status';
import { logger } from '../../adapters/aws/telemetry';
import { EnvironmentName } from '../../src/core/environment';
import type { Answer } from '../../src/core/gates/answer';
import { isRollingBack } from '../../src/core/gates/rollback';
import { PROBE_IDS } from '../../src/core/ids';
import type { Place } from '../../src/core/image/image';
import { ExpectedBuild } from '../../src/core/scanning/provenance';
import { Seconds } from '../../src/core/times';
import { probeScanner } from '../../use-cases/evaluation/probe-scanner';
import { pullCached } from '../../use-cases/scanning/pull-cached';

const answers = new CloudFormationAnswers();
const uploads = new EvidenceBucket(env(EnvironmentName.uploads));
const expectedBuild = ExpectedBuild.parse(JSON.parse(env(EnvironmentName.expectedBuild)));
const cached = cachedTags();
const ports = {
  uploads,
  expectedBuild,
  slots: new ScanSlotsRow(env(EnvironmentName.register), {
    scans: Number(env(EnvironmentName.concurrency)),
    perRepository: Number(env(EnvironmentName.concurrencyPerRepository)),
  }),
  builds: new CodeBuildScans(expectedBuild.project, uploads.name),
  urlSuffix: env(EnvironmentName.urlSuffix),
  newScanId: () => PROBE_IDS + ulid().slice(PROBE_IDS.length),
  now: () => new Date(),
  sleep: (seconds: number) => sleep(seconds * 1000),
};

export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  // one id for all: nothing is replaced, so nothing is deleted on the way back
  const PhysicalResourceId = LogicalResourceId;
  const asker = { ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  // CloudFormation waits for an answer, also where a call to AWS gets none: in a VPC without a way, for one
  const end = new AbortController();
  const late = sleep(
    context.getRemainingTimeInMillis() - Seconds.probeAnswer * 1000,
    `the probe of the scanner had no answer of AWS in time; its log says of what: ${context.logGroupName}`,
    { signal: end.signal },
  );
  const why = await Promise.race([whyNot(event, homeOf(context)), late]).catch((error: unknown) => {
    logger.error('the probe failed', { error: error as Error });
    return `the probe of the scanner failed: ${error instanceof Error ? error.message : String(error)}`;
  });
  end.abort();
  const answer: Answer = why === undefined ? { PhysicalResourceId } : { reason: why };
  logger.info('probed', { request: event.RequestType, ...answer });
  await answers.send(asker, answer);
}

/** A deletion needs no scan, and what is on its way back had one. */
async function whyNot(event: CloudFormationCustomResourceEvent, home: Place): Promise<string | undefined> {
  if (event.RequestType === 'Delete') return undefined;
  if (event.RequestType === 'Update' && (await isOnItsWayBack(event.StackId))) return undefined;
  const repository = { ...home, repository: env(EnvironmentName.probeRepository) };
  return probeScanner({
    ...ports,
    repository,
    images: new EcrRegistry(repository),
    fillCaches: () =>
      pullCached(cached, ({ repository: name }) => new EcrRegistry({ ...home, repository: name })),
  });
}

/** Also where nobody says: a stack must always get back (0033). */
async function isOnItsWayBack(stackId: string): Promise<boolean> {
  return isRollingBack(await stackStatus(stackId)) ?? true;
}
