import type { Duration } from 'aws-cdk-lib';
import type { GracePeriod } from './grace-period';
import type { PackageSupplier } from './package-supplier';
import type { VulnerabilitySeverity } from './vulnerability-severity';

/**
 * Which vulnerabilities a rule refuses.
 */
export interface VulnerabilityRuleOptions {
  /**
   * The severities that count. `UNKNOWN` counts if it is named, and only then.
   *
   * @default - CRITICAL; with `scoreAtLeast` all but UNKNOWN
   */
  readonly severities?: VulnerabilitySeverity[];

  /**
   * Whether only those count that some version fixes.
   *
   * @default true
   */
  readonly onlyFixed?: boolean;

  /**
   * The lowest CVSS base score that counts, 0 to 10: the highest of versions 3.x and 4.0 of any source in the
   * database. A vulnerability without such a score counts too, since nobody knows that it is lower; CVSS 2
   * has another scale and is no such score.
   *
   * @default - scores do not matter
   */
  readonly scoreAtLeast?: number;

  /**
   * How long there is to fix what is found in an image that was trusted before, by severity.
   *
   * @default - none: refused at once
   */
  readonly gracePeriod?: GracePeriod;
}

/**
 * Which failed checks a rule refuses.
 */
export interface MisconfigurationRuleOptions {
  /**
   * The severities that count.
   *
   * @default - CRITICAL and HIGH
   */
  readonly severities?: VulnerabilitySeverity[];
}

/**
 * Which licences a rule refuses.
 */
export interface LicenseRuleOptions {
  /**
   * SPDX identifiers, or patterns of them in which `*` stands for any characters; 1 to 200. Capital letters
   * do not matter. `GPL-3.0` is `GPL-3.0-only` and `GPL-3.0-or-later` too, with and without an exception;
   * `GPL-*` is not `LGPL-3.0`.
   *
   * @see https://spdx.org/licenses/
   */
  readonly forbidden: string[];
}

/**
 * When a rule speaks of the end of an operating system.
 */
export interface EndOfLifeOsRuleOptions {
  /**
   * How long before the last day a warning comes. Whole days, 1 to 3650. The days are those of the Trivy that
   * this library pins; of a release whose last day it does not know, as of Debian 13, none comes.
   *
   * @default - none: the image is refused when the day has come
   */
  readonly notice?: Duration;
}

/**
 * How old an image may be.
 */
export interface ImageAgeRuleOptions {
  /** Since the date in the image's config. Whole days, 1 to 3650. */
  readonly max: Duration;
}

/**
 * When "no findings" means something.
 */
export interface CoverageRuleOptions {
  /**
   * Suppliers whose advisories may stand in place of the distribution's. **Whoever builds an image can scan
   * lease to be one of them**, and then no rule knows of the end of life of its system: name them only for
   * repositories whose images you get from that supplier.
   *
   * @default - none: an image with the mark of a supplier ends in ERROR
   */
  readonly trustedSuppliers?: PackageSupplier[];
}
