import { whyAudited } from './audited';
import { decide, type Decision } from './decide';
import type { ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import type { VerificationKey } from '../signing/verification-key';

/** How the register is read: with strong consistency, and with keys that are known already. */
export interface RegisterPorts {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly keys: { all(): Promise<VerificationKey[]> };
  readonly policies: { policy(): Promise<{ readonly revision: number } | undefined> };
}

/**
 * The check of every gate: one read and one check of a signature. The PASS of an audit needs one more read.
 */
export async function askRegister(
  image: ImageName,
  { register, keys, policies }: RegisterPorts,
  now: Date,
): Promise<{ readonly decision: Decision; readonly row: RegisterRow }> {
  const [row, pinned] = await Promise.all([register.load(image), keys.all()]);
  const decision = decide(image, row, pinned, now);
  const isAudited = decision.trusted && row.verdict?.audit === true;
  return {
    row,
    decision:
      (isAudited ? whyAudited(image, row, (await policies.policy())?.revision) : undefined) ?? decision,
  };
}
