import type { EvaluateContext } from './evaluate-ports';
import type { Verdict } from '../../src/core/evidence/verdict';
import { repositoryOf } from '../../src/core/image/image';
import { hasHoldEnded, heldBy, trustedUntil, whyNotHeld } from '../../src/core/register/hold-revocation';
import type { Held, RegisterRow } from '../../src/core/register/row';
import { withHoldEnded } from '../../src/core/register/transitions';
import { errorText } from '../../src/core/text/error-text';

type BrakeContext = Pick<EvaluateContext, 'brake' | 'register' | 'now'>;

/**
 * Whether the brake holds the revocation that this FAIL would be (0044). An image that is held stays so, and
 * never for longer. Whatever was not trusted is refused. It never rejects: a brake that cannot be read must
 * not keep a FAIL out of the register, and holds nothing (rule 5.13, the brake).
 */
export async function holdRevocation(
  row: RegisterRow,
  verdict: Verdict,
  { brake, now }: BrakeContext,
): Promise<{ readonly held?: Held; readonly problem?: string }> {
  if (brake === undefined || verdict.outcome !== 'FAIL' || whyNotHeld(verdict) !== undefined) return {};
  try {
    if (row.held !== undefined) {
      return hasHoldEnded(row.held, await brake.pulled(now), now) ? {} : { held: row.held };
    }
    const until = trustedUntil(row, now);
    if (until === undefined) return {};
    const pulled = await brake.ask(repositoryOf(row.pk), now);
    return pulled === undefined ? {} : { held: heldBy(pulled, until, verdict) };
  } catch (error) {
    return { problem: `the brake could not be asked, and holds nothing: ${errorText(error)}` };
  }
}

/**
 * Counts a trusted image that failed by what the brake may hold, held or not. It comes last: a count that is
 * lost holds nothing. An index and its images are one failure, so that no index pulls the brake alone.
 */
export async function countFailed(
  before: RegisterRow,
  verdict: Verdict,
  { brake, now }: BrakeContext,
): Promise<string | undefined> {
  if (brake === undefined || verdict.outcome !== 'FAIL' || whyNotHeld(verdict) !== undefined) {
    return undefined;
  }
  const isOfIndex = before.kind !== 'index' && (before.parents ?? []).length > 0;
  if (isOfIndex || trustedUntil(before, now) === undefined) return undefined;
  return brake.count({ repository: repositoryOf(before.pk), verdictId: verdict.verdictId }, now).then(
    () => undefined,
    (error: unknown) => `the brake could not count it: ${errorText(error)}`,
  );
}

/**
 * Revokes what is held and must not be any more: its time is over, somebody released the brake, it cannot be
 * read, or a deployment took it away. Undefined: somebody else wrote the row in between.
 */
export async function endHold(
  row: RegisterRow,
  { brake, register, now }: BrakeContext,
): Promise<RegisterRow | undefined> {
  if (row.held === undefined || row.verdict === undefined) return row;
  const pulled = await brake?.pulled(now).catch(() => undefined);
  if (!hasHoldEnded(row.held, pulled, now)) return row;
  return register.save(withHoldEnded(row, row.verdict, now), now);
}
