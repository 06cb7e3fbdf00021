import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { ulid } from 'ulid';
import { answerInTime } from '../../adapters/aws/answer-in-time';
import { cachedTags } from '../../adapters/aws/cached-tags';
import { CloudFormationAnswers } from '../../adapters/aws/cloudformation-answers';
import { CodeBuildScans } from '../../adapters/aws/codebuild-scans';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { env } from '../../adapters/aws/environment';
import { EvidenceBucket } from '../../adapters/aws/evidence-bucket';
import { homeOf } from '../../adapters/aws/home';
import { ScanSlotsRow } from '../../adapters/aws/scan-slots';
import { stackStatus } from '../../adapters/aws/stack-status';
import { EnvironmentName } from '../../src/core/environment';
import { isRollingBack } from '../../src/core/gates/rollback';
import { PROBE_IDS } from '../../src/core/ids';
import type { Place } from '../../src/core/image/image';
import { ExpectedBuild } from '../../src/core/scanning/provenance';
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
  // one id for all: nothing is replaced, so nothing is deleted on the way back
  const asked = { answers, what: 'the probe of the scanner', id: event.LogicalResourceId };
  await answerInTime(event, context, asked, () => whyNot(event, homeOf(context)));
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
