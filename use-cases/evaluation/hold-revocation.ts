import type { EvaluateContext } from './evaluate-ports';
import type { Verdict } from '../../src/core/evidence/verdict';
import { imageOf } from '../../src/core/image/image';
import { hasHoldEnded, heldBy, trustedUntil, whyNotHeld } from '../../src/core/register/hold-revocation';
import type { Held, RegisterRow } from '../../src/core/register/row';
import { withHoldEnded } from '../../src/core/register/transitions';

type BrakeContext = Pick<EvaluateContext, 'brake' | 'register' | 'now'>;

/**
 * Whether the brake holds the revocation that this FAIL would be (0044). An image that is held stays so, and
 * never for longer. Whatever was not trusted is refused.
 */
export async function holdRevocation(
  row: RegisterRow,
  verdict: Verdict,
  { brake, now }: BrakeContext,
): Promise<Held | undefined> {
  if (brake === undefined || verdict.outcome !== 'FAIL' || whyNotHeld(verdict) !== undefined) {
    return undefined;
  }
  if (row.held !== undefined) {
    return hasHoldEnded(row.held, await brake.pulled(now), now) ? undefined : row.held;
  }
  const until = trustedUntil(row, now);
  if (until === undefined) return undefined;
  const pulled = await brake.ask(repositoryOf(row), now);
  return pulled === undefined ? undefined : heldBy(pulled, until, verdict.verdictId);
}

/**
 * Counts a trusted image that failed, held or not. It comes last: a count that is lost holds nothing. An
 * index fails with its images, which count themselves.
 */
export async function countFailed(
  before: RegisterRow,
  { outcome, verdictId }: Verdict,
  { brake, now }: BrakeContext,
): Promise<void> {
  if (brake === undefined || outcome !== 'FAIL' || before.kind === 'index') return;
  if (trustedUntil(before, now) === undefined) return;
  await brake.count({ repository: repositoryOf(before), verdictId }, now);
}

/**
 * Revokes what is held and must not be any more: its time is over, somebody released the brake, or a
 * deployment took the brake away. Undefined: somebody else wrote the row in between.
 */
export async function endHold(
  row: RegisterRow,
  { brake, register, now }: BrakeContext,
): Promise<RegisterRow | undefined> {
  if (row.held === undefined || row.verdict === undefined) return row;
  if (!hasHoldEnded(row.held, await brake?.pulled(now), now)) return row;
  return register.save(withHoldEnded(row, row.verdict), now);
}

export function repositoryOf({ pk }: Pick<RegisterRow, 'pk'>): string {
  const { account, region, repository } = imageOf(pk);
  return `${account}.${region}/${repository}`;
}
