import { Duration } from 'aws-cdk-lib';
import { SEVERITIES } from '../core/scanning/finding';
import { checkProperties, optional, type Properties } from '../properties/properties';
import { whole } from '../properties/whole';

/**
 * How long there is to fix a vulnerability that is found in an image which was trusted before. Whole days, 1
 * to 365.
 *
 * During the grace period the verdict lists the finding with its deadline, and the finding refuses nothing.
 * The verdict holds no longer than that deadline. A finding with a fix that is new to the repository is
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
   * For findings without a severity in the database.
   *
   * @default - no grace period: refused at once
   */
  readonly unknown?: Duration;
}

const YEAR = { least: 1, most: 365, example: 30 };
const A_PERIOD = 'a Duration of whole days, for example Duration.days(30)';

const GRACE_PERIOD: Properties<GracePeriod> = {
  critical: optional(Duration, A_PERIOD),
  high: optional(Duration, A_PERIOD),
  medium: optional(Duration, A_PERIOD),
  low: optional(Duration, A_PERIOD),
  unknown: optional(Duration, A_PERIOD),
};

/** A grace period as a policy document says it. Throws for a part of a day. @internal */
export function graceDays(gracePeriod: GracePeriod): Record<string, number> {
  checkProperties('GracePeriod', gracePeriod, GRACE_PERIOD);
  return Object.fromEntries(
    SEVERITIES.flatMap(severity => {
      const duration = gracePeriod[severity.toLowerCase() as keyof GracePeriod];
      if (duration === undefined) return [];
      const property = JSON.stringify(severity.toLowerCase());
      return [[severity, whole('days', duration, `${property} of GracePeriod`, YEAR)]];
    }),
  );
}
