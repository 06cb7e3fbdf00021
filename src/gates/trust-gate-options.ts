import { checked, optional, type Properties } from '../properties/properties';

/**
 * Options of the gate that deployments ask.
 */
export interface TrustGateOptions {
  /**
   * The name of the gate: up to 50 letters, digits, `-` and `_`, unique in the account and region. Its
   * function is `TrustedImages-<gateName>`. It must not change while stacks ask the gate: CloudFormation
   * refuses the deployment. The constructor throws for another name, and for one that another gate has.
   *
   * @default - the name of the stack of the gate, cut to 50 characters
   */
  readonly gateName?: string;

  /**
   * How many resources the gate answers at once, at least 1. Others wait, and AWS Lambda tries again for up
   * to six hours. It is taken from the concurrency of the account. The constructor throws for less.
   *
   * @default - not reserved
   */
  readonly reservedConcurrency?: number;
}

/** @internal */
export const GATE_OPTIONS: Properties<TrustGateOptions> = {
  gateName: optional(),
  reservedConcurrency: optional(),
};

/** The options where they are of a trust. @internal */
export const GATE_OF_TRUST = optional(
  checked('TrustGateOptions', GATE_OPTIONS),
  'an object, for example { gateName: "platform" }',
);
