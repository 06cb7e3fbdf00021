import type { Duration } from 'aws-cdk-lib';

/**
 * How long there is to fix a vulnerability that is found in an image which was trusted before. Whole days, 1
 * to 365.
 *
 * While its grace period is open, the finding is listed in the verdict with its deadline and refuses nothing;
 * the verdict holds no longer than that deadline. A finding with a fix that is new to the repository is
 * refused at once, whatever its grace period.
 */
export interface GracePeriod {
  /**
   * For critical findings.
   *
   * @default - no grace period: refused at once
   */
  readonly critical?: Duration;

  /**
   * For high findings.
   *
   * @default - no grace period: refused at once
   */
  readonly high?: Duration;

  /**
   * For medium findings.
   *
   * @default - no grace period: refused at once
   */
  readonly medium?: Duration;

  /**
   * For low findings.
   *
   * @default - no grace period: refused at once
   */
  readonly low?: Duration;

  /**
   * For findings of which the database knows no severity.
   *
   * @default - no grace period: refused at once
   */
  readonly unknown?: Duration;
}
