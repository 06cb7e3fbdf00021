/** What the test changes. Without any of it, this is what the former release was synthesised of. */
export interface Changes {
  /** The first part of the names of stacks and repositories. */
  readonly name: string;
  /** The stack whose last resource cannot be made, after everything else. */
  readonly fails?: string;
  readonly emergencyAccess?: 'NONE';
  readonly alertTopics?: 'none' | 'other';
  readonly findings?: 'NONE';
  readonly deploymentProbe?: 'NONE';
  /** A second gate in the stack of the shop. */
  readonly secondGate?: boolean;
  /** The gate of Amazon ECS is gone. */
  readonly noEcsGate?: boolean;
}

/** A bus that is there already. */
export const TAKEN = 'gated-stacks-taken';
