import { conflict, type EvaluateContext, type EvaluateOutcome } from './evaluate-ports';
import { countFailed, holdRevocation } from './hold-revocation';
import { storePage, type JudgedFrom } from './page-store';
import { publishOutbox } from './publish-outbox';
import { rememberBase } from './remember-base';
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
  /** Absent for an index: its images have pages of their own. */
  readonly from?: JudgedFrom;
  /** An index of which an image is revoked: its own revocation is not held. */
  readonly mustRevoke?: true;
}

/**
 * In this order: evidence (append only), register (conditional write), events (rule 4.3, outbox), and
 * last what decides nothing: what is known of base images, and the page.
 */
export async function recordVerdict(
  row: RegisterRow,
  { verdict, opened, from, mustRevoke }: Judged,
  context: EvaluateContext,
): Promise<EvaluateOutcome> {
  // before anybody sees the verdict that depends on them
  if (opened !== undefined && opened.size > 0) await context.gracePeriods.open(row.pk, opened);
  const stored = await storeVerdict(verdict, context.evidence);
  // an earlier try stored a verdict of this id, by a policy that was replaced since: the new one needs its
  // own id
  if (isOlder(stored.verdict, verdict)) {
    return recordVerdict(
      row,
      {
        verdict: { ...verdict, verdictId: context.newId() },
        ...(from !== undefined && { from }),
        ...(mustRevoke === true && { mustRevoke }),
      },
      context,
    );
  }
  const { scanId, outcome } = stored.verdict;
  const about = { image: row.pk, scanId };
  const replaces = isNewer(stored.summary, row);
  const { held, problem } =
    replaces && mustRevoke !== true ? await holdRevocation(row, stored.verdict, context) : {};
  const saved = await context.register.save(
    replaces ? withVerdict(row, stored.summary, held) : withoutLease(row, scanId),
    context.now,
  );
  if (saved === undefined) return conflict(row.pk);
  await followUp(saved, context);
  const uncounted = replaces ? await countFailed(row, stored.verdict, context) : undefined;
  const problems =
    from === undefined
      ? [problem, uncounted]
      : [
          problem,
          uncounted,
          replaces ? await rememberBase(saved, stored.verdict, from.report, context) : undefined,
          await storePage(stored.verdict, from, context),
        ];
  const done = (what: string) => [what, ...problems.flatMap(each => each ?? [])].join('; ');
  return replaces
    ? {
        ...about,
        done: done(
          `verdict ${outcome}${held === undefined ? '' : `, its revocation is held until ${held.until}`}`,
        ),
        outcome,
        ...(held !== undefined && { isHeld: true as const }),
      }
    : { ...about, done: done('kept as evidence: the register has a newer verdict') };
}

function isOlder(stored: Verdict, { policy, waivers }: Verdict): boolean {
  return stored.policy.revision < policy.revision || stored.waivers.revision < waivers.revision;
}

/**
 * A failed scan leaves the verdict as it is. A transient cause is retried, a bounded number of times (rule
 * 4.4, failed scans keep the verdict).
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
  // a stored report that is too old is no failure of a scan: the scan that follows has all its retries
  const previous = failure.cause === 'REPORT_OUTDATED' ? undefined : row.lastFailedScan;
  const failedScan = { ...nextFailedScan(previous, failure, context.now, scanId), ...by };
  const saved = await context.register.save(withFailedScan(row, failedScan), context.now);
  if (saved === undefined) return conflict(row.pk);
  await followUp(saved, context);
  return { image: row.pk, scanId, done: `indeterminate: ${failure.detail}`, cause: failure.cause };
}

/**
 * What follows a write of the row: a retry is requested, the outbox is published. The outbox is emptied last,
 * so a handler that finds it full does all of this again; doing it twice does no harm.
 */
export async function followUp(row: RegisterRow, context: EvaluateContext): Promise<void> {
  const { retryAt, priority } =
    row.outbox?.includes('failed-scan') === true && row.lastFailedScan !== undefined
      ? row.lastFailedScan
      : {};
  if (retryAt !== undefined) {
    const seconds = Math.max(0, (Date.parse(retryAt) - context.now.getTime()) / 1000);
    const { digest } = imageOf(row.pk);
    await context.requests.send(requestFor(row.pk, digest, 'retry', context.now, priority), seconds);
  }
  await publishOutbox(row, context);
}
