import { Duration } from 'aws-cdk-lib';
import type { GracePeriod } from './grace-period';
import { checked, having, oneOf, optional, required, TEXT, type Properties } from '../properties/properties';

/**
 * The severity of a vulnerability or of a failed check, by Trivy's database.
 */
export enum VulnerabilitySeverity {
  /** Critical. */
  CRITICAL = 'CRITICAL',
  /** High. */
  HIGH = 'HIGH',
  /** Medium. */
  MEDIUM = 'MEDIUM',
  /** Low. */
  LOW = 'LOW',
  /** The database has no severity. It is not a low severity: a rule counts it only if it names it. */
  UNKNOWN = 'UNKNOWN',
}

/**
 * Which vulnerabilities a rule refuses.
 */
export interface VulnerabilityRuleOptions {
  /**
   * The severities that count, 1 or more. `UNKNOWN` counts only if it is named.
   *
   * @default - CRITICAL; with `scoreAtLeast` all but UNKNOWN
   */
  readonly severities?: VulnerabilitySeverity[];

  /**
   * Whether only vulnerabilities count that a version fixes.
   *
   * @default true
   */
  readonly onlyFixed?: boolean;

  /**
   * The lowest CVSS base score that counts, 0 to 10. The score of a vulnerability is the highest of versions
   * 3.x and 4.0 of any source in the database. A vulnerability without such a score counts too, since its
   * score is not known to be lower. CVSS 2 has another scale and does not count as a score.
   *
   * @default - scores do not matter
   */
  readonly scoreAtLeast?: number;

  /**
   * How long there is to fix a vulnerability that is found in an image which was trusted before, by severity.
   *
   * @default - no grace period: refused at once
   */
  readonly gracePeriod?: GracePeriod;
}

/** @internal */
export const VULNERABILITY_RULE: Properties<VulnerabilityRuleOptions> = {
  severities: optional(
    [oneOf(VulnerabilitySeverity)],
    'a list of VulnerabilitySeverity, for example [VulnerabilitySeverity.HIGH]',
  ),
  onlyFixed: optional(),
  scoreAtLeast: optional(),
  gracePeriod: optional(
    having<GracePeriod>(),
    'an object with a Duration for each severity, for example { high: Duration.days(30) }',
  ),
};

/**
 * Which failed checks a rule refuses.
 */
export interface MisconfigurationRuleOptions {
  /**
   * The severities that count, 1 or more.
   *
   * @default - CRITICAL and HIGH
   */
  readonly severities?: VulnerabilitySeverity[];
}

/** @internal */
export const MISCONFIGURATION_RULE: Properties<MisconfigurationRuleOptions> = {
  severities: optional(
    [oneOf(VulnerabilitySeverity)],
    'a list of VulnerabilitySeverity, for example [VulnerabilitySeverity.HIGH]',
  ),
};

/**
 * Which licences a rule refuses.
 */
export interface LicenseRuleOptions {
  /**
   * 1 to 200 SPDX identifiers, or patterns of them in which `*` stands for any characters. Not
   * case-sensitive. `GPL-3.0` also matches `GPL-3.0-only` and `GPL-3.0-or-later`, with and without an
   * exception. Ids that SPDX deprecated match those that took their place: `GPL-3.0-only` matches `GPL-3.0`.
   * `GPL-*` does not match `LGPL-3.0`.
   *
   * @see https://spdx.org/licenses/
   */
  readonly forbidden: string[];
}

/** @internal */
export const LICENSE_RULE: Properties<LicenseRuleOptions> = {
  forbidden: required([TEXT], 'a list of licences, each by its identifier in SPDX'),
};

/**
 * When a rule warns of the end of life of an operating system.
 */
export interface EndOfLifeOsRuleOptions {
  /**
   * How long before the last day the rule warns. Whole days, 1 to 3650. The last days are those of the Trivy
   * that this library pins. There is no warning for a release whose last day is not known, such as Debian 13.
   *
   * @default - no warning: the image is refused after the last day
   */
  readonly notice?: Duration;
}

/** @internal */
export const END_OF_LIFE_OS_RULE: Properties<EndOfLifeOsRuleOptions> = {
  notice: optional(Duration, 'a Duration, for example Duration.days(30)'),
};

/**
 * How old an image may be.
 */
export interface ImageAgeRuleOptions {
  /** The greatest age, from the date in the image's config. Whole days, 1 to 3650. */
  readonly max: Duration;
}

/** @internal */
export const IMAGE_AGE_RULE: Properties<ImageAgeRuleOptions> = {
  max: required(Duration, 'a Duration, for example Duration.days(90)'),
};

/**
 * A supplier that rebuilds packages of others, fixes vulnerabilities in them, and publishes its own
 * advisories. Trivy uses these advisories in place of the distribution's where it finds the supplier's mark
 * in an image. No calendar says when the life of such a system ends.
 *
 * A mark proves nothing: it is a file, or the name or version of a package, and whoever builds the image can
 * write it.
 */
export enum PackageSupplier {
  /** RapidFort's curated images: the file `/usr/share/rapidfort/curated.json`. */
  RAPIDFORT = 'rapidfort',
  /**
   * Root.io: one package of Debian or Ubuntu with `.root.io` in its version, or one of Alpine with a revision
   * like `-r10071`.
   */
  ROOT_IO = 'root.io',
  /**
   * Seal Security: one package, or its source, named `seal-…`; packages of languages by their names too, or
   * by versions that end in `sp1`.
   */
  SEAL = 'seal',
}

/**
 * What becomes of an image with files that declare packages and are of a kind that Trivy never reads: a phar,
 * a cache of pip, an archive without a name.
 */
export enum UnreadKinds {
  /** They are reported, with their count. */
  WARN = 'warn',
  /** The scan ends in ERROR, unless every such file is accepted. */
  INDETERMINATE = 'indeterminate',
}

/**
 * A file of an image that declares packages and need not be in the report of Trivy.
 */
export interface AcceptedFile {
  /**
   * The file in the image, without a slash in front. `*` stands for any characters except a slash, `**` for
   * any characters. At least one folder or file is named in full.
   */
  readonly path: string;
  /**
   * Why nobody needs to know what is in it, in 20 to 2,000 characters.
   */
  readonly reason: string;
  /**
   * The last day on which it holds, as `YYYY-MM-DD` in UTC. No verdict that depends on it holds longer.
   */
  readonly expires: string;
}

/** @internal */
export const ACCEPTED_FILE: Properties<AcceptedFile> = {
  path: required(),
  reason: required(),
  expires: required(),
};

/**
 * When a scan without findings counts.
 */
export interface CoverageRuleOptions {
  /**
   * Suppliers whose advisories may replace those of the distribution. **Whoever builds an image can claim to
   * be one of them**, and then no rule knows the end of life of its operating system. Name them only for
   * repositories whose images you get from that supplier.
   *
   * @default - none: the scan of an image with the mark of a supplier ends in ERROR
   */
  readonly trustedSuppliers?: PackageSupplier[];

  /**
   * What becomes of an image with files that declare packages and are of a kind that Trivy never reads.
   *
   * @default UnreadKinds.WARN
   */
  readonly unreadKinds?: UnreadKinds;

  /**
   * Files that declare packages and need not be in the report of Trivy: it did not read them, or never reads
   * their kind. 1 to 100.
   *
   * @default - none
   */
  readonly accepted?: AcceptedFile[];
}

/** @internal */
export const COVERAGE_RULE: Properties<CoverageRuleOptions> = {
  trustedSuppliers: optional([oneOf(PackageSupplier)], 'a list of PackageSupplier'),
  unreadKinds: optional(oneOf(UnreadKinds), 'an UnreadKinds'),
  accepted: optional(
    [checked('AcceptedFile', ACCEPTED_FILE)],
    'a list of AcceptedFile: path, reason and expires',
  ),
};
