import { countsStatement, decide, type Decision } from './decide';
import { refused, type Refused } from './refusal';
import type { ImageName } from '../image/image';
import { passedEndedAudit } from '../register/next-look';
import type { RegisterRow } from '../register/row';
import { CAUSES } from '../scanning/failed-scan';
import type { VerificationKey } from '../signing/verification-key';

/** What a gate needs: strongly consistent reads of the register, the pinned keys and the active policy. */
export interface RegisterPorts {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly keys: { all(): Promise<VerificationKey[]> };
  readonly policies: { policy(): Promise<{ readonly revision: number } | undefined> };
}

/**
 * The decision of every gate, and of the commands that ask as a gate does: one read and one check of a
 * signature. The PASS of an audit takes one more read. A refusal by the verdict needs no key, so it is given
 * also while keys cannot be read.
 */
export async function askRegister(
  image: ImageName,
  { register, keys, policies }: RegisterPorts,
  now: Date,
): Promise<{ readonly decision: Decision; readonly row: RegisterRow }> {
  const row = await register.load(image);
  const pinned = countsStatement(row) ? await keys.all() : [];
  const decision = decide(image, row, pinned, now);
  const isAudited = decision.trusted && row.verdict?.audit === true;
  const isEnded = isAudited && passedEndedAudit(row, (await policies.policy())?.revision);
  return { row, decision: isEnded ? refusedByEndedAudit(image, row) : decision };
}

function refusedByEndedAudit(image: ImageName, { lastFailedScan }: RegisterRow): Refused {
  const since = 'an audit let it through, and the policy that is active now';
  if (lastFailedScan === undefined) return refused(image, 'NO_VERDICT', `${since} has not judged it yet`);
  const { cause, detail } = lastFailedScan;
  return refused(image, 'INDETERMINATE', `${since} has not judged it; ${cause}: ${detail}`, {
    remedy: CAUSES[cause].remedy,
  });
}
