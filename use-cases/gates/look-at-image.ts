import type { LookedAt } from '../../src/core/gates/looked-at';
import type { ImageName } from '../../src/core/image/image';
import type { BreakGlassPorts } from '../../src/core/trust/break-glass';
import { whyAdmitted, whyGranted } from '../../src/core/trust/why-admitted';
import { findGrant } from '../trust/lift-refusal';
import { lookAtTrust, type LookContext } from '../trust/look-at-trust';

export interface LookAtImageContext extends LookContext {
  /** The ARN of what would run the image, or an account. Grants name it. */
  readonly scope: string;
  /** Undefined if the trust has no break-glass. */
  readonly breakGlass?: BreakGlassPorts;
  /** Resolves when the trust had its time to answer about all images. */
  readonly silent: Promise<void>;
}

/** Whether an image is trusted, and the grant that would lift its refusal. */
export async function lookAtImage(
  { of, image }: { readonly of: LookedAt['of']; readonly image: ImageName },
  context: LookAtImageContext,
): Promise<LookedAt> {
  const { decision, row, children } = await lookAtTrust(image, context, context.silent);
  if (decision.trusted) {
    const { validUntil: until, heldBecause } = decision;
    const note = heldBecause === undefined ? undefined : `${image} is ${whyAdmitted(decision)}`;
    return { of, allowed: 'TRUSTED', until, note };
  }
  const refusal = { of, image, row, children, refused: decision };
  const { scope, now, breakGlass } = context;
  if (breakGlass === undefined) return refusal;
  const found = await findGrant(decision, image, { scope, now, breakGlass });
  if (!found.ok) return { ...refusal, refused: found.error };
  const note = `${image} is ${whyGranted(found.value)}`;
  return { ...refusal, grant: { found: found.value, isUseRecorded: false, note } };
}
