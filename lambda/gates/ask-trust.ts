import type { ImageName } from '../../src/core/image';
import { plainText } from '../../src/core/plain-text';
import { decide, type Decision } from '../../src/core/trust/decide';
import { refused } from '../../src/core/trust/refusal';
import type { RegisterRow } from '../../src/core/trust/register-row';
import type { VerificationKey } from '../../src/core/trust/verification-key';

/** What a gate needs of the world: one strongly consistent read, and keys that it knows already. */
export interface AskContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly keys: { all(): Promise<VerificationKey[]> };
  readonly now: Date;
}

export interface Answer { readonly decision: Decision; readonly row: RegisterRow | undefined }

/** May it run? What cannot be looked up may not (rule 5.7). */
export async function askTrust(image: ImageName, { register, keys, now }: AskContext): Promise<Answer> {
  try {
    const [row, pinned] = await Promise.all([register.load(image), keys.all()]);
    return { row, decision: decide(image, row, pinned, now) };
  } catch (error) {
    return { row: undefined, decision: refused(image, 'LOOKUP_FAILED', plainText(error instanceof Error ? `${error.name}: ${error.message}` : String(error), 300)) };
  }
}
