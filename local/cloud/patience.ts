import type { CloudDescription } from './description';

/** Milliseconds. Each ends what never comes: how soon something comes, a busy machine or AWS decides. */
export interface Patience {
  /** Between two looks. Each look is a call that AWS counts. */
  readonly lookEvery: number;
  /** From a push to its verdict, with other scans before it. */
  readonly verdict: number;
  /** From a verdict to its signature. */
  readonly signature: number;
  /** Anything else. */
  readonly anything: number;
  /** A test with all that it waits for. */
  readonly test: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A build is a program on this machine. */
const EMBEDDED: Patience = {
  lookEvery: 25,
  verdict: 4 * MINUTE,
  signature: MINUTE,
  anything: 2 * MINUTE,
  test: 10 * MINUTE,
};

/** A build takes a container, and in a new account one build runs at a time. */
const AWS: Patience = {
  lookEvery: 2 * SECOND,
  verdict: 45 * MINUTE,
  signature: 50 * MINUTE,
  anything: 45 * MINUTE,
  test: 90 * MINUTE,
};

export function patienceWith({ endpoint }: Pick<CloudDescription, 'endpoint'>): Patience {
  return endpoint === undefined ? AWS : EMBEDDED;
}
