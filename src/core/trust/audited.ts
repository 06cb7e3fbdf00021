import { refused, type Refused } from './refusal';
import type { ImageName } from '../image/image';
import type { RegisterRow } from '../register/row';
import { CAUSES } from '../scanning/failed-scan';

/**
 * An audit refuses nothing, so its PASS counts only as long as that policy is active: the deployment that
 * turns enforcement on must not be the one that it does not hold for. Undefined where the verdict is no
 * audit's, or the audit is what judges now.
 */
export function whyAudited(
  image: ImageName,
  { verdict, lastFailedScan }: RegisterRow,
  activePolicyRevision: number | undefined,
): Refused | undefined {
  if (verdict?.audit !== true || verdict.policyRevision === activePolicyRevision) return undefined;
  const since = 'an audit let it through, and the policy that is active now';
  if (lastFailedScan === undefined) return refused(image, 'NO_VERDICT', `${since} has not judged it yet`);
  const { cause, detail } = lastFailedScan;
  return refused(image, 'INDETERMINATE', `${since} has not judged it; ${cause}: ${detail}`, {
    remedy: CAUSES[cause].remedy,
  });
}
