import { whyAudited } from './audited';
import { decide, type Decision } from './decide';
import type { ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import type { VerificationKey } from '../signing/verification-key';

/** What the register is asked by: strongly consistent reads, and keys that are known already. */
export interface RegisterPorts {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly keys: { all(): Promise<VerificationKey[]> };
  readonly policies: { policy(): Promise<{ readonly revision: number } | undefined> };
}

/**
 * The question of every gate, and of whoever asks as one would: one read, one check of a signature; of an
 * audit's PASS, one read more.
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
