export const SUITES_AT_ONCE = 3;

/** A file of test/e2e that runs on AWS too. */
export interface Suite {
  /** Scans that it starts, which is what costs. */
  readonly builds: number;
  /** On AWS, where two scans run at a time. Estimated, not measured. */
  readonly minutes: number;
  readonly isDefault: boolean;
}

/** Every file of test/e2e is here, or says by `onlyEmulated()` why it is not. */
export const SUITES = {
  'push-to-verdict': { builds: 14, minutes: 12, isDefault: true },
  failures: { builds: 2, minutes: 4, isDefault: true },
  roles: { builds: 1, minutes: 3, isDefault: true },
  'deployment-gate': { builds: 2, minutes: 12, isDefault: true },
  cosign: { builds: 6, minutes: 8, isDefault: true },
  'deployment-probe': { builds: 6, minutes: 25, isDefault: false },
  lifecycle: { builds: 2, minutes: 20, isDefault: false },
  'forged-builds': { builds: 12, minutes: 20, isDefault: false },
  'attacks-coverage': { builds: 13, minutes: 30, isDefault: false },
  polyglots: { builds: 12, minutes: 25, isDefault: false },
  'accounted-for': { builds: 6, minutes: 12, isDefault: false },
  waivers: { builds: 1, minutes: 5, isDefault: true },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof SUITES;
