import type { IConstruct } from 'constructs';
import type { Enforcement } from './enforcement';
import type { IImageTrust } from './i-image-trust';
import type { PolicyEvaluator } from '../policy/policy-evaluator';

/**
 * Tells the policy of an `ImageTrust` that a gate relies on it, if the gate refuses. Which policy an imported
 * trust has is not known here, nor that of a trust of parts.
 *
 * @internal
 */
export function relyOnPolicy(gate: IConstruct, trust: IImageTrust, enforcement: Enforcement): void {
  if (enforcement._mode() === 'AUDIT') return;
  (trust as { readonly evaluator?: PolicyEvaluator }).evaluator?._relyOn(gate);
}
