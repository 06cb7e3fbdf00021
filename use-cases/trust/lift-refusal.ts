import type { ImageName } from '../../src/core/image/image';
import {
  admittedByGrant,
  livingGrant,
  notLifted,
  useOf,
  type BreakGlassPorts,
} from '../../src/core/trust/break-glass';
import type { Decision } from '../../src/core/trust/decide';
import { grantKeys } from '../../src/core/trust/grant';
import type { Refused } from '../../src/core/trust/refusal';

/**
 * A break-glass grant lifts a refusal. It counts only if it could be read, and if its use could be recorded:
 * first the audit, then the image (rule 5.11, break-glass).
 */
export async function liftRefusal(
  refused: Refused,
  image: ImageName,
  { scope, now, breakGlass }: { scope: string; now: Date; breakGlass: BreakGlassPorts },
): Promise<Decision> {
  let why = 'break-glass grants could not be read';
  try {
    const rows = await Promise.all(grantKeys(image, scope).map(key => breakGlass.grants(key)));
    const grant = livingGrant(rows.flat(), image, scope, now);
    if (grant === undefined) return refused;
    why = `the use of break-glass grant ${grant.grantId} could not be recorded`;
    await breakGlass.recordUse(useOf(grant, image, scope, refused, now));
    return admittedByGrant(image, grant);
  } catch (error) {
    return notLifted(refused, why, error);
  }
}
