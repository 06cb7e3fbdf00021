import { conflict, type EvaluateContext, type EvaluateOutcome } from './evaluate-ports';
import { endHold } from './hold-revocation';
import { followUp, recordFailedScan, recordVerdict } from './record-outcome';
import { loadScan } from './scan-store';
import { evaluate } from '../../src/core/evaluation/evaluate';
import { foldIndex } from '../../src/core/evaluation/fold-index';
import { hasExpired, type Verdict } from '../../src/core/evidence/verdict';
import { imageName, imageOf, sibling, whyOtherRegion, type ImageName } from '../../src/core/image/image';
import { isJudgedByOlder } from '../../src/core/register/next-look';
import type { Child, RegisterRow } from '../../src/core/register/row';
import type { Failure } from '../../src/core/scanning/failed-scan';
import { loadVerdict } from '../evidence/evidence-documents';
import { policyOf } from '../policy/active-policy';

/**
 * "Look at image X again", without a build: revokes what the brake holds no longer, publishes the outbox,
 * then folds an index, or applies a newer policy to the stored report.
 */
export async function evaluateStored(image: ImageName, context: EvaluateContext): Promise<EvaluateOutcome> {
  const elsewhere = whyOtherRegion(imageOf(image), context.home);
  if (elsewhere !== undefined) return { image, done: `skipped: ${elsewhere}` };
  const row = await endHold(await context.register.load(image), context);
  if (row === undefined) return conflict(image);
  if (row.outbox === undefined) return lookAgain(row, context);
  await followUp(row, context);
  const outcome = await lookAgain(await context.register.load(image), context);
  return 'done' in outcome ? { ...outcome, done: `published the outbox; ${outcome.done}` } : outcome;
}

function lookAgain(row: RegisterRow, context: EvaluateContext): Promise<EvaluateOutcome> {
  return row.kind === 'index' ? foldStored(row, context) : evaluateAgain(row, context);
}

async function evaluateAgain(row: RegisterRow, context: EvaluateContext): Promise<EvaluateOutcome> {
  const nothing: EvaluateOutcome = { image: row.pk, done: 'nothing to do' };
  const { verdict, lastFailedScan } = row;
  const scanId = lastFailedScan?.policyRevision === undefined ? verdict?.scanId : lastFailedScan.scanId;
  if (scanId === undefined) return nothing;
  const judges = await context.activePolicy();
  if (!isJudgedByOlder(row, judges.revisions, context.now)) return nothing;
  // an invalid policy is no failed scan: it would be one for each image, for one document. Reconcile asks
  // again each hour
  if ('failure' in judges) {
    return { ...nothing, done: `not judged again: ${judges.failure.detail}`, cause: judges.failure.cause };
  }

  const about = { scanId, judgedBy: judges.revisions };
  const [stored, gracePeriods, previous] = await Promise.all([
    loadScan(row.pk, scanId, context.evidence),
    context.gracePeriods.of(row.pk),
    verdict === undefined ? undefined : loadVerdict(verdict, row.pk, context.evidence),
  ]);
  if (stored === undefined) {
    return recordFailedScan(
      row,
      { cause: 'REPORT_MISSING', detail: `the stored report of scan ${scanId} is gone` },
      about,
      context,
    );
  }
  const policy = policyOf(judges, imageOf(row.pk).repository);
  const result = evaluate({
    scan: { ...stored.record, scannedAt: stored.record.startedAt },
    report: stored.report,
    policy,
    waivers: judges.waivers,
    gracePeriods,
    rego: context.rego,
    verdictId: context.newId(),
    previous,
    now: context.now,
  });
  if ('verdict' in result) {
    const { verdict: judged, opened, findings } = result;
    return hasExpired(judged, context.now)
      ? recordFailedScan(row, tooOld(judged), about, context)
      : recordVerdict(
          row,
          { verdict: judged, opened, from: { findings, policy, report: stored.report } },
          context,
        );
  }
  if (result.failure.cause === 'POLICY_INVALID') {
    return { ...nothing, done: `not judged again: ${result.failure.detail}`, cause: result.failure.cause };
  }
  return recordFailedScan(row, result.failure, about, context);
}

/** An old scan still counts against an image, but no longer for it. */
function tooOld({ scannedAt }: Verdict): Failure {
  return {
    cause: 'REPORT_OUTDATED',
    detail: `what was found on ${scannedAt} would pass now, and is too old to say so: the image must be scanned again`,
  };
}

async function foldStored(row: RegisterRow, context: EvaluateContext): Promise<EvaluateOutcome> {
  const index = imageOf(row.pk);
  const load = (child: Child) => context.register.load(imageName(sibling(index, child.digest)));
  const rows = await Promise.all(
    (row.children ?? []).map(async child => ({ child, row: await load(child) })),
  );
  const children = await Promise.all(
    rows.map(async each => ({
      ...each.child,
      verdict:
        each.row.verdict === undefined
          ? undefined
          : await loadVerdict(each.row.verdict, each.row.pk, context.evidence),
    })),
  );
  const folded = foldIndex({ image: row.pk, children, now: context.now });
  const stuck = rows.find(each => isStuck(each.row, context.now));
  if ('verdict' in folded && folded.verdict.verdictId !== row.verdict?.verdictId) {
    const mustRevoke = rows.some(each => isRefusedNow(each.row));
    const recorded = await recordVerdict(row, { ...folded, ...(mustRevoke && { mustRevoke }) }, context);
    return stuck === undefined || !('done' in recorded)
      ? recorded
      : recordStuck(await context.register.load(row.pk), stuck, context);
  }
  if (stuck !== undefined) return recordStuck(row, stuck, context);
  return {
    image: row.pk,
    done:
      'verdict' in folded
        ? 'nothing to do'
        : `waits for ${folded.waitingFor.length} of its ${children.length} images`,
  };
}

interface ChildRow {
  readonly child: Child;
  readonly row: RegisterRow;
}

/** Its FAIL counts: the brake does not hold it. */
function isRefusedNow({ verdict, held }: RegisterRow): boolean {
  return verdict?.outcome === 'FAIL' && held === undefined;
}

/** No retry is due, and there is no verdict or it has expired: nothing more will come by itself. */
function isStuck({ verdict, lastFailedScan }: RegisterRow, now: Date): boolean {
  return (
    lastFailedScan !== undefined &&
    lastFailedScan.retryAt === undefined &&
    !(Date.parse(verdict?.validUntil ?? '') > now.getTime())
  );
}

async function recordStuck(
  index: RegisterRow,
  stuck: ChildRow,
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  const { cause, detail, at } = stuck.row.lastFailedScan!;
  const isRecorded = index.lastFailedScan !== undefined && index.lastFailedScan.at >= at;
  if (isRecorded) return { image: index.pk, done: 'nothing to do' };
  const { platform, digest } = stuck.child;
  return recordFailedScan(
    index,
    {
      cause: 'CHILD_WITHOUT_VERDICT',
      detail: `its image ${platform} ${digest} has no verdict: ${cause}, ${detail}`,
    },
    {},
    context,
  );
}
