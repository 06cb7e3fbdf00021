import { Seconds } from '../times';

/** What differs between the gates, and no more: all else is decided alike (0040). */
export interface GateRules {
  readonly enforcement: 'REFUSE' | 'AUDIT';
  /**
   * Where it is remembered what may come back in a rollback. A `TrustedImage` remembers in its physical id
   * what it admitted, and asks about nothing else. A gate in a service remembers nothing, so the register has
   * to say that the image was trusted once.
   */
  readonly rememberedIn: 'PHYSICAL_ID' | 'REGISTER';
  /** What the gate does if nobody can say whether a stack is rolling back. */
  readonly unknownRollback: 'COMES_BACK' | 'LOOKS_AGAIN';
  /** The scan that the gate requested: what it ends is waited for. Undefined for a gate that only looks. */
  readonly requested?: RequestedScan;
  /** Whether the register may yet become readable. */
  readonly mayLookupRecover: boolean;
  /** Nothing is waited for any longer. */
  readonly isLastLook: boolean;
  readonly looksAgainInSeconds: number;
}

export interface RequestedScan {
  readonly at: Date;
  readonly now: Date;
}

export interface Deployment {
  readonly enforcement: GateRules['enforcement'];
  readonly requestedAt: Date;
  readonly now: Date;
  readonly waitSeconds: number;
}

/** A `TrustedImage` requested a scan and waits for it. An audit does not hold it up for long. */
export function rulesOfDeployment(deployment: Deployment): GateRules {
  const { enforcement, requestedAt: at, now } = deployment;
  const waited = waitedSeconds({ at, now });
  return {
    enforcement,
    rememberedIn: 'PHYSICAL_ID',
    unknownRollback: 'COMES_BACK',
    requested: { at, now },
    mayLookupRecover: waited < Seconds.deploymentLookup,
    isLastLook: !(waited < longestWait(deployment)), // an invalid date counts as over
    looksAgainInSeconds: Seconds.deploymentLookEvery,
  };
}

export function waitedSeconds({ at, now }: RequestedScan): number {
  return Math.round((now.getTime() - at.getTime()) / 1000);
}

export function longestWait({ enforcement, waitSeconds }: Deployment): number {
  return enforcement === 'AUDIT' ? Math.min(Seconds.deploymentAudit, waitSeconds) : waitSeconds;
}

/** A service asks its gate a fixed number of times. The gate requests no scan. */
export function rulesOfService(enforcement: GateRules['enforcement'], isLastLook: boolean): GateRules {
  return {
    enforcement,
    rememberedIn: 'REGISTER',
    unknownRollback: 'LOOKS_AGAIN',
    mayLookupRecover: true,
    isLastLook,
    looksAgainInSeconds: Seconds.gateLooksAgain,
  };
}
