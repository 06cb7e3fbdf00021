/** What the test changes. Without any of it, this is what the former release was synthesised of. */
export interface Changes {
  /** The first part of the names of stacks and repositories. */
  readonly name: string;
  /** The last resource of each stack cannot be made, after everything else. */
  readonly fails?: boolean;
  readonly emergencyAccess?: 'NONE';
  /** Nobody is allowed to grant, and nothing asks for break-glass. */
  readonly nobodyGrants?: boolean;
  readonly alertTopics?: 'none' | 'other';
  readonly findings?: 'NONE';
  readonly deploymentProbe?: 'NONE';
  readonly evidence?: 'own';
  /** A gate of Amazon ECS in the stack of billing too. */
  readonly billingGate?: boolean;
  /** A second gate in the stack of the shop. */
  readonly secondGate?: boolean;
  /** The gate of Amazon ECS is gone. */
  readonly noEcsGate?: boolean;
}

/** A bus that is there already. */
export const TAKEN = 'gated-stacks-taken';
