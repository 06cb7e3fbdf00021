import { isNewer, withAttempt, withVerdict, type RegisterRow } from '../../src/core/trust/register-row';
import { nextAttempt, type Failure } from '../../src/core/scanning/attempt';
import { requestFor } from '../../src/core/scanning/scan-request';
import { imageOf } from '../../src/core/image';
import type { Verdict } from '../../src/core/verdict';
import { announce } from './announce';
import { conflict, type EvaluateContext, type EvaluateOutcome } from './evaluate-ports';
import { storeVerdict } from './verdict-store';

/** 1 evidence (append), 2 register (conditional), 3 event (outbox flag): rule 4.3. */
export async function recordVerdict(row: RegisterRow, verdict: Verdict, context: EvaluateContext): Promise<EvaluateOutcome> {
  const stored = await storeVerdict(verdict, context.evidence);
  const about = { image: row.pk, scanId: stored.verdict.scanId };
  if (!isNewer(stored.summary, row)) return { ...about, done: 'kept as evidence: the register has a newer verdict' };
  const saved = await context.register.save(withVerdict(row, stored.summary), context.now);
  if (saved === undefined) return conflict(row.pk);
  if (row.claim !== undefined) await context.register.releaseSlot(row.pk, row.claim.scanId);
  await announce(saved, context);
  return { ...about, done: `verdict ${stored.verdict.outcome}`, outcome: stored.verdict.outcome };
}

/** The verdict that stood before still stands. A transient cause is tried again, a bounded number of times (rule 4.4). */
export async function recordAttempt(row: RegisterRow, failure: Failure, scanId: string | undefined, context: EvaluateContext): Promise<EvaluateOutcome> {
  const attempt = nextAttempt(row.lastAttempt, failure, context.now, scanId);
  const saved = await context.register.save(withAttempt(row, attempt), context.now);
  if (saved === undefined) return conflict(row.pk);
  if (row.claim !== undefined) await context.register.releaseSlot(row.pk, row.claim.scanId);
  await announce(saved, context);
  if (attempt.retryAt !== undefined) {
    await context.requests.send(requestFor(row.pk, imageOf(row.pk).digest, 'retry', context.now), (Date.parse(attempt.retryAt) - context.now.getTime()) / 1000);
  }
  return { image: row.pk, ...(scanId !== undefined && { scanId }), done: `could not tell: ${failure.detail}`, cause: failure.cause };
}
