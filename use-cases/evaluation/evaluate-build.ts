import { collectScan, type CollectedScan } from './collect-scan';
import type { EvaluateContext, EvaluateOutcome } from './evaluate-ports';
import { followUp, recordFailedScan, recordVerdict, type Judged } from './record-outcome';
import { buildOfScan, storeFailedScan, storeScan } from './scan-store';
import { evaluate } from '../../src/core/evaluation/evaluate';
import { scanFailedEvent } from '../../src/core/events/image-events';
import type { ScanRecord } from '../../src/core/evidence/scan-record';
import { PROBE_IDS } from '../../src/core/ids';
import { imageOf, imageReference, type ImageName } from '../../src/core/image/image';
import type { Revisions } from '../../src/core/register/next-look';
import type { ScanLease, RegisterRow } from '../../src/core/register/row';
import { nextFailedScan, type Failure } from '../../src/core/scanning/failed-scan';
import {
  checkProvenance,
  differencesText,
  hasQueued,
  namedByBuild,
  type Build,
  type Difference,
} from '../../src/core/scanning/provenance';
import { ageSeconds, priorityOf } from '../../src/core/scanning/scan-request';
import { Seconds } from '../../src/core/times';
import { loadVerdict } from '../evidence/evidence-documents';
import { policyOf } from '../policy/active-policy';

/** A build ended, or should have ended: checks that it is ours, and judges what it found. */
export async function evaluateBuild(buildId: string, context: EvaluateContext): Promise<EvaluateOutcome> {
  const build = await context.builds.get(buildId);
  if (build === undefined) return { poison: `CodeBuild knows no build ${buildId}` };
  const named = namedByBuild(build);
  if (named === undefined) {
    return { done: `the build ${buildId} names no image and scan: nobody asked for it`, cause: 'PROVENANCE' };
  }
  const { image, scanId } = named;
  const about = { image, scanId };
  // the deployment reads it, and no lease can name it
  if (scanId.startsWith(PROBE_IDS)) return { ...about, done: 'ignored: the build of a probe' };
  if (!build.buildComplete) {
    return { ...about, deferSeconds: Seconds.buildPoll, why: 'the build is under way' };
  }

  const row = await context.register.load(image);
  const reference = imageReference(imageOf(image), context.urlSuffix);
  const differences = checkProvenance(build, context.expectedBuild, { scanId, image, reference });
  if (row.lease?.scanId !== scanId) return withoutLease(row, scanId, build, differences, context);
  if (row.lease.buildId !== undefined && row.lease.buildId !== buildId) {
    return publishForgery(
      image,
      scanId,
      `the build ${buildId} used the scan id of ${row.lease.buildId}`,
      context,
    );
  }
  if (
    row.lease.buildId === undefined &&
    context.now.getTime() - Date.parse(row.lease.at) < Seconds.buildConfirmed * 1000
  ) {
    return {
      ...about,
      deferSeconds: Seconds.buildConfirmedPoll,
      why: 'dispatch is about to confirm the build',
    };
  }
  // its build is over, whatever comes of it
  await context.requests.sendAll(await context.slots.release(scanId, hasQueued(build), context.now));
  if (row.lease.buildRevision !== context.expectedBuild.revision) {
    return recordFailedBuild(row, OUTDATED, build, scanId, context);
  }
  if (differences.length > 0) return recordFailedBuild(row, forged(differences), build, scanId, context);
  const outcome = await evaluateLeased(row, row.lease, build, reference, context);
  return { ...outcome, ...sincePush(outcome, row.lease, context.now) };
}

/** Of a verdict on a new image. */
function sincePush(
  outcome: EvaluateOutcome,
  lease: ScanLease,
  now: Date,
): { readonly secondsSincePush?: number } {
  const isVerdict = 'done' in outcome && outcome.outcome !== undefined;
  if (!isVerdict || lease.requestedAt === undefined || priorityOf(lease) !== 'push') return {};
  return { secondsSincePush: ageSeconds({ at: lease.requestedAt }, now) };
}

async function evaluateLeased(
  row: RegisterRow,
  lease: ScanLease,
  build: Build,
  reference: string,
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  const { scanId, configDigest } = lease;
  const collected = await collectScan(
    build,
    { scanId, reference, digest: imageOf(row.pk).digest, configDigest },
    context,
  );
  if (!collected.ok) return recordFailedBuild(row, collected.error, build, scanId, context);
  const record = toRecord(row.pk, lease, build, collected.value, context);
  // a verdict is recorded when all that led to it is stored
  const [, judged] = await Promise.all([
    storeScan(record, collected.value, reference, context.evidence),
    judgeScan(row, record, collected.value, context),
  ]);
  if ('verdict' in judged) return recordVerdict(row, judged, context);
  const { failure, judgedBy } = judged;
  return recordFailedScan(row, failure, { scanId, ...(judgedBy !== undefined && { judgedBy }) }, context);
}

async function judgeScan(
  row: RegisterRow,
  record: ScanRecord,
  { report }: CollectedScan,
  context: EvaluateContext,
): Promise<Judged | { readonly failure: Failure; readonly judgedBy?: Revisions }> {
  const [judges, gracePeriods, previous] = await Promise.all([
    context.activePolicy(),
    context.gracePeriods.of(row.pk),
    row.verdict === undefined ? undefined : loadVerdict(row.verdict, row.pk, context.evidence),
  ]);
  const { revisions } = judges;
  const lost = policyLost(revisions, row);
  if (lost !== undefined) return { failure: lost };
  if ('failure' in judges) return { failure: judges.failure, judgedBy: revisions };
  const policy = policyOf(judges, imageOf(row.pk).repository);
  const result = evaluate({
    scan: { ...record, scannedAt: record.startedAt },
    report,
    policy,
    waivers: judges.waivers,
    gracePeriods,
    rego: context.rego,
    verdictId: record.scanId,
    previous,
    now: context.now,
  });
  if ('verdict' in result) {
    const { verdict, opened, findings } = result;
    return { verdict, opened, from: { findings, policy, report } };
  }
  // another policy would not make the database newer, nor the scan right
  const isOfPolicy = !['DATABASE_OLDER', 'SCAN_DIFFERS'].includes(result.failure.cause);
  return { failure: result.failure, ...(isOfPolicy && { judgedBy: revisions }) };
}

/**
 * Keeps the cause as the evidence of the scan too: a late message of this build finds that it was handled.
 */
async function recordFailedBuild(
  row: RegisterRow,
  failure: Failure,
  build: Build,
  scanId: string,
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  await storeFailedScan(
    { schema: 1, image: row.pk, scanId, buildId: build.id, ...failure },
    context.evidence,
  );
  return recordFailedScan(row, failure, { scanId }, context);
}

/**
 * A build that was handled before, whose lease ended, or that nobody asked for. None of these changes what
 * the register says (rule 4.6, scan lease).
 */
async function withoutLease(
  row: RegisterRow,
  scanId: string,
  build: Build,
  differences: readonly Difference[],
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  const about = { image: row.pk, scanId };
  if (row.verdict?.scanId === scanId || row.lastFailedScan?.scanId === scanId) {
    if (row.outbox === undefined) return { ...about, done: 'skipped: this build was handled before' };
    await followUp(row, context);
    return { ...about, done: 'published the outbox: this build was handled before' };
  }
  // its follow-up message comes late: by then the register may have the verdict of the next scan
  if ((await buildOfScan(row.pk, scanId, context.evidence)) === build.id) {
    return { ...about, done: 'skipped: this build was handled before' };
  }
  if (differences.length > 0) return publishForgery(row.pk, scanId, forged(differences).detail, context);
  return { ...about, done: `ignored: the build ${build.id} is not the one that is waited for` };
}

/**
 * Nobody asked for this build, so it is no failed scan of the image: an event and a metric, no change of
 * the row.
 */
async function publishForgery(
  image: ImageName,
  scanId: string,
  detail: string,
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  const row = await context.register.load(image);
  const failedScan = nextFailedScan(undefined, { cause: 'PROVENANCE', detail }, context.now, scanId);
  await context.events.publish(scanFailedEvent(image, failedScan, { tags: row.tags, standing: row.verdict }));
  return { image, scanId, done: `not believed: ${detail}`, cause: 'PROVENANCE' };
}

/** The lease names another deployment, and only dispatch writes leases: this is an upgrade, not a forgery. */
const OUTDATED: Failure = {
  cause: 'SCANNER_CHANGED',
  detail: 'the scanner was deployed anew while the build ran',
};

/**
 * Revisions only grow, and the row was read before the policy. If the active revision is older, the policy
 * store was lost or replaced, and the register would take no verdict (rule 4.2, optimistic locking).
 */
function policyLost(
  { policy, waivers }: Revisions,
  { policyRevision, waiverRevision }: RegisterRow,
): Failure | undefined {
  const lost = (what: string, revision: number, known: number): Failure => ({
    cause: 'POLICY_INVALID',
    detail: `the active ${what} has the revision ${revision}, and this image was judged by revision ${known} before: the policy store was lost or replaced`,
  });
  if (policy < policyRevision) return lost('policy', policy, policyRevision);
  return waivers < waiverRevision ? lost('waiver list', waivers, waiverRevision) : undefined;
}

function forged(differences: readonly Difference[]): Failure {
  return {
    cause: 'PROVENANCE',
    detail: `the build is not as it was synthesised and asked for: ${differencesText(differences)}`,
  };
}

function toRecord(
  image: ImageName,
  lease: ScanLease,
  build: Build,
  collected: CollectedScan,
  context: EvaluateContext,
): ScanRecord {
  return {
    schema: 1,
    image,
    scanId: lease.scanId,
    scanSeq: lease.scanSeq,
    reason: lease.reason,
    buildId: build.id,
    // the build claims this time: one in the future would be trust without end
    startedAt: between(lease.at, collected.scannedAt, context.now),
    finishedAt: collected.finishedAt,
    exitCode: 0,
    scanner: {
      image: context.expectedBuild.image,
      version: collected.scannerVersion,
      buildspec: context.expectedBuild.buildspecSha256,
    },
    database: collected.database,
    coverage: collected.coverage,
    checksum: collected.checksum,
  };
}

function between(earliest: string, time: string, latest: Date): string {
  return new Date(Math.min(latest.getTime(), Math.max(Date.parse(earliest), Date.parse(time)))).toISOString();
}
