import { conflict, type EvaluateContext, type EvaluateOutcome } from './evaluate-ports';
import { publishOutbox } from './publish-outbox';
import { storeVerdict } from './verdict-store';
import type { GracePeriods } from '../../src/core/evaluation/grace-periods';
import type { Verdict } from '../../src/core/evidence/verdict';
import { imageOf } from '../../src/core/image/image';
import type { Revisions } from '../../src/core/register/next-look';
import type { RegisterRow } from '../../src/core/register/row';
import { isNewer, withFailedScan, withoutLease, withVerdict } from '../../src/core/register/transitions';
import { nextFailedScan, type Failure } from '../../src/core/scanning/failed-scan';
import { requestFor } from '../../src/core/scanning/scan-request';

export interface Judged {
  readonly verdict: Verdict;
  readonly opened?: GracePeriods;
}

/** 1 evidence (append), 2 register (conditional), 3 event (outbox flag): rule 4.3, outbox. */
export async function recordVerdict(
  row: RegisterRow,
  { verdict, opened }: Judged,
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  // before anybody sees the verdict that counts on them
  if (opened !== undefined && opened.size > 0) await context.gracePeriods.open(row.pk, opened);
  const stored = await storeVerdict(verdict, context.evidence);
  // a verdict of this id was written before, by a policy that was replaced since: the newer one needs an id
  // of its own
  if (isOlder(stored.verdict, verdict)) {
    return recordVerdict(row, { verdict: { ...verdict, verdictId: context.newId() } }, context);
  }
  const { scanId, outcome } = stored.verdict;
  const about = { image: row.pk, scanId };
  const replaces = isNewer(stored.summary, row);
  const saved = await context.register.save(
    replaces ? withVerdict(row, stored.summary) : withoutLease(row, scanId),
    context.now,
  );
  if (saved === undefined) return conflict(row.pk);
  await followUp(saved, scanId, context);
  return replaces
    ? { ...about, done: `verdict ${outcome}`, outcome }
    : { ...about, done: 'kept as evidence: the register has a newer verdict' };
}

function isOlder(stored: Verdict, { policy, waivers }: Verdict): boolean {
  return stored.policy.revision < policy.revision || stored.waivers.revision < waivers.revision;
}

/**
 * The verdict that stood before still stands. A transient cause is tried again, a bounded number of times
 * (rule 4.4, failed scans keep the verdict).
 */
export async function recordFailedScan(
  row: RegisterRow,
  failure: Failure,
  about: { readonly scanId?: string; readonly judgedBy?: Revisions },
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  const { scanId, judgedBy } = about;
  const by =
    judgedBy === undefined
      ? {}
      : { policyRevision: judgedBy.policy, judgedUpTo: { at: context.now.toISOString(), ...judgedBy } };
  // that a stored report is too old is no failure of a scan: the one that it asks for has all its tries
  const previous = failure.cause === 'REPORT_OUTDATED' ? undefined : row.lastFailedScan;
  const failedScan = { ...nextFailedScan(previous, failure, context.now, scanId), ...by };
  const saved = await context.register.save(withFailedScan(row, failedScan), context.now);
  if (saved === undefined) return conflict(row.pk);
  await followUp(saved, scanId, context);
  return { image: row.pk, scanId, done: `indeterminate: ${failure.detail}`, cause: failure.cause };
}

/**
 * What follows from a row that was written. The flag goes last, so a row with a flag may have been left
 * half-way: whoever meets it does all of this again, and nothing of it harms when it is done twice.
 */
export async function followUp(
  row: RegisterRow,
  scanId: string | undefined,
  context: EvaluateContext,
): Promise<void> {
  if (scanId !== undefined) await context.register.releaseSlot(row.pk, scanId);
  const retryAt = row.outbox?.includes('failed-scan') === true ? row.lastFailedScan?.retryAt : undefined;
  if (retryAt !== undefined) {
    const seconds = Math.max(0, (Date.parse(retryAt) - context.now.getTime()) / 1000);
    await context.requests.send(requestFor(row.pk, imageOf(row.pk).digest, 'retry', context.now), seconds);
  }
  await publishOutbox(row, context);
}
