import type { ImageName } from '../../src/core/image/image';
import { failed, ok, type Result } from '../../src/core/result';
import { livingGrant, notLifted, useOf, type BreakGlassPorts } from '../../src/core/trust/break-glass';
import { grantKeys, type Grant } from '../../src/core/trust/grant';
import type { Refused } from '../../src/core/trust/refusal';
import { wayOut } from '../../src/core/trust/way-out';

export interface LiftContext<Ports> {
  /** The ARN of what would run the image. */
  readonly scope: string;
  readonly now: Date;
  readonly breakGlass: Ports;
}

/** The break-glass grant that would lift a refusal, or the refusal that stays, and how to grant. */
export async function findGrant(
  refused: Refused,
  image: ImageName,
  { scope, now, breakGlass }: LiftContext<Omit<BreakGlassPorts, 'recordUse'>>,
): Promise<Result<Grant, Refused>> {
  try {
    const rows = await Promise.all(grantKeys(image, scope).map(key => breakGlass.grants(key)));
    const grant = livingGrant(rows.flat(), image, scope, now);
    if (grant !== undefined) return ok(grant);
    return failed({ ...refused, wayOut: wayOut(image, scope, breakGlass.stack) });
  } catch (error) {
    return failed(notLifted(refused, 'break-glass grants could not be read', error));
  }
}

/**
 * The refusal that stays if the use of the grant could not be recorded: first the audit, then the image
 * (rule 5.11, break-glass).
 */
export async function recordUse(
  grant: Grant,
  refused: Refused,
  image: ImageName,
  { scope, now, breakGlass }: LiftContext<BreakGlassPorts>,
): Promise<Refused | undefined> {
  try {
    await breakGlass.recordUse(useOf(grant, image, scope, refused, now));
    return undefined;
  } catch (error) {
    return notLifted(refused, `the use of break-glass grant ${grant.grantId} could not be recorded`, error);
  }
}
