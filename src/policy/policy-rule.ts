import { readFileSync } from 'fs';
import { Duration } from 'aws-cdk-lib';
import type { BaseImage } from './base-image';
import { graceDays } from './grace-period';
import { atPath } from './named-path';
import type { RegoFolder, RegoSource } from './rego-source';
import {
  COVERAGE_RULE,
  END_OF_LIFE_OS_RULE,
  IMAGE_AGE_RULE,
  LICENSE_RULE,
  MISCONFIGURATION_RULE,
  VULNERABILITY_RULE,
  type CoverageRuleOptions,
  type EndOfLifeOsRuleOptions,
  type ImageAgeRuleOptions,
  type LicenseRuleOptions,
  type MisconfigurationRuleOptions,
  type VulnerabilityRuleOptions,
  type VulnerabilitySeverity,
} from './rule-options';
import { namedErrorOf } from '../core/policy/policy-file-messages';
import type { RuleEntry } from '../core/policy/presets';
import { RULES } from '../core/policy/rules';
import { allowedBaseImages } from '../core/policy/rules/allowed-base-images';
import { coverage } from '../core/policy/rules/coverage';
import { databaseAge } from '../core/policy/rules/database-age';
import { deniedPackages } from '../core/policy/rules/denied-packages';
import { endOfLifeOs } from '../core/policy/rules/end-of-life-os';
import { readExploitedCatalog } from '../core/policy/rules/exploited-catalog';
import { exploitedVulnerabilities } from '../core/policy/rules/exploited-vulnerabilities';
import { imageAge } from '../core/policy/rules/image-age';
import { licenses } from '../core/policy/rules/licenses';
import { misconfigurations } from '../core/policy/rules/misconfigurations';
import { rego } from '../core/policy/rules/rego';
import { requiredLabels } from '../core/policy/rules/required-labels';
import type { Parameters, Rule } from '../core/policy/rules/rule';
import { runsAsRoot } from '../core/policy/rules/runs-as-root';
import { secrets } from '../core/policy/rules/secrets';
import { vulnerabilities } from '../core/policy/rules/vulnerabilities';
import { SEVERITIES } from '../core/scanning/finding';
import { checkIs, checkProperties } from '../properties/properties';
import { whole } from '../properties/whole';

/** Ten years. */
const DAYS = { least: 1, most: 3650 };

/**
 * What a policy requires of an image. A rule denies; `warns()` returns one that only reports.
 *
 * A policy may have a rule more than once, with different parameters: critical vulnerabilities deny, high
 * ones warn.
 *
 * Every factory throws if a parameter is out of its limits.
 */
export class PolicyRule {
  /**
   * Refuses vulnerabilities by severity, fix and score. Throws for an empty list of severities, a score that
   * is not from 0 to 10, and a grace period for a severity that does not count.
   */
  public static vulnerabilities(options: VulnerabilityRuleOptions = {}): PolicyRule {
    checkProperties('VulnerabilityRuleOptions', options, VULNERABILITY_RULE);
    const { severities, onlyFixed, scoreAtLeast, gracePeriod } = options;
    return PolicyRule.of(vulnerabilities, {
      severities: named(severities, 'a vulnerability rule'),
      onlyFixed,
      scoreAtLeast,
      graceDays: gracePeriod && graceDays(gracePeriod),
    });
  }

  /**
   * Refuses vulnerabilities that are known to be exploited, whatever their severity and also without a fix,
   * by a catalog that is read when the app is synthesised. The brake on revocations never holds an image with
   * one of them, also if the rule only warns. A vulnerability that Trivy reports under another id than its
   * CVE is not found in the catalog. Throws if the file is not there, is no catalog, or has more than 6,000
   * ids.
   *
   * @param catalog the path of CISA's catalog as JSON, or of a file in its form:
   * `{"vulnerabilities":[{"cveID":"CVE-2021-44228"}]}`
   * @see https://www.cisa.gov/known-exploited-vulnerabilities-catalog
   */
  public static exploitedVulnerabilities(catalog: string): PolicyRule {
    const ids = readExploitedCatalog(atPath('catalog', catalog, each => readFileSync(each, 'utf8')));
    if (!ids.ok) throw new Error(`the catalog ${JSON.stringify(catalog)} ${ids.error}`);
    return PolicyRule.of(exploitedVulnerabilities, { ids: ids.value });
  }

  /**
   * Refuses what a Rego policy refuses: each `deny` and `violation`; each `warn` is reported. A policy that
   * answers neither yes nor no (undefined, an error, more than 10 seconds or 512 MiB) ends in ERROR, never in
   * PASS.
   */
  public static rego(source: RegoSource): PolicyRule {
    return PolicyRule.of(rego, source._parameters(), source);
  }

  /** Refuses secrets, in every layer: also in files that a later layer deletes, and in the image's config. */
  public static secrets(): PolicyRule {
    return PolicyRule.of(secrets);
  }

  /**
   * Refuses images whose history and config fail one of Trivy's checks: `ADD` where `COPY` would do, no
   * `USER`, `sudo`, and others. Only what the image itself says is checked, not its Dockerfile; an image
   * built without such a history (by ko, crane or Bazel) fails few of them.
   */
  public static misconfigurations(options: MisconfigurationRuleOptions = {}): PolicyRule {
    checkProperties('MisconfigurationRuleOptions', options, MISCONFIGURATION_RULE);
    return PolicyRule.of(misconfigurations, {
      severities: named(options.severities, 'a misconfiguration rule'),
    });
  }

  /**
   * Refuses packages under certain licences, by what the packages say of themselves. In `A OR B` one licence
   * that SPDX knows and that is not forbidden is enough, in `A AND B` both count. Where Trivy gives free text
   * or a list, each part counts. A package that names no licence is not refused.
   */
  public static licenses(options: LicenseRuleOptions): PolicyRule {
    checkProperties('LicenseRuleOptions', options, LICENSE_RULE);
    return PolicyRule.of(licenses, { forbidden: [...options.forbidden] });
  }

  /**
   * Refuses operating systems whose release gets no security fixes any more, by the calendar of the Trivy
   * that scanned. With `notice` it warns before that day.
   */
  public static endOfLifeOs(options: EndOfLifeOsRuleOptions = {}): PolicyRule {
    checkProperties('EndOfLifeOsRuleOptions', options, END_OF_LIFE_OS_RULE);
    const { notice } = options;
    const noticeDays =
      notice && whole('days', notice, '"notice" of EndOfLifeOsRuleOptions', { ...DAYS, example: 30 });
    return PolicyRule.of(endOfLifeOs, { noticeDays });
  }

  /** Refuses images that start as root. */
  public static runsAsRoot(): PolicyRule {
    return PolicyRule.of(runsAsRoot);
  }

  /**
   * Refuses images that were built too long ago, by the date in their config, which whoever builds the image
   * writes. It also refuses images without a real date: no date, one before 2013 as reproducible builds write
   * it, or one in the future.
   */
  public static imageAge(options: ImageAgeRuleOptions): PolicyRule {
    checkProperties('ImageAgeRuleOptions', options, IMAGE_AGE_RULE);
    return PolicyRule.of(imageAge, {
      maxDays: whole('days', options.max, '"max" of ImageAgeRuleOptions', { ...DAYS, example: 90 }),
    });
  }

  /**
   * Refuses images that lack one of these labels, or have it without a value.
   *
   * @param labels 1 to 50 names, for example `org.opencontainers.image.source`. Case-sensitive
   */
  public static requiredLabels(labels: string[]): PolicyRule {
    return PolicyRule.of(requiredLabels, { labels: [...labels] });
  }

  /**
   * Refuses packages, vulnerable or not.
   *
   * @param packages 1 to 200 package URLs, or patterns of them: `*` stands for any characters except a slash,
   * `**` for any characters. Without a version every version is refused (`pkg:npm/event-stream`). Qualifiers
   * count where a pattern has them. Compared as purl-spec says for the type (`_` is `-` for PyPI), and never
   * case-sensitive. One without the namespace that its type requires is an error, since it would refuse
   * nothing: `pkg:maven/org.apache.logging.log4j/log4j-core`, not `pkg:maven/log4j-core`
   * @see https://github.com/package-url/purl-spec
   */
  public static deniedPackages(packages: string[]): PolicyRule {
    return PolicyRule.of(deniedPackages, { packages: [...packages] });
  }

  /**
   * Refuses images that are built on anything else.
   *
   * @param bases 1 to 200 base images; the image must be built on one of them
   */
  public static allowedBaseImages(bases: BaseImage[]): PolicyRule {
    return PolicyRule.of(allowedBaseImages, { allowed: bases.map(base => base._entry()) });
  }

  /**
   * Ends in ERROR where the vulnerability database was too old at the time of the scan.
   *
   * @param max the greatest age. Whole hours, 1 hour to 365 days. Throws for anything else
   */
  public static databaseAge(max: Duration): PolicyRule {
    checkIs(max, Duration, 'PolicyRule.databaseAge()', 'a Duration, for example Duration.hours(48)');
    return PolicyRule.of(databaseAge, {
      maxHours: whole('hours', max, 'the age of PolicyRule.databaseAge()', {
        least: 1,
        most: 8760,
        example: 48,
      }),
    });
  }

  /**
   * Ends in ERROR where Trivy could not have found anything: an unknown release of an operating system, no
   * packages, packages of another operating system than the image names, advisories of a supplier that is
   * not trusted, or a file that declares packages and was not read.
   */
  public static coverage(options: CoverageRuleOptions = {}): PolicyRule {
    checkProperties('CoverageRuleOptions', options, COVERAGE_RULE);
    const { trustedSuppliers = [], unreadKinds, accepted = [] } = options;
    return PolicyRule.of(coverage, {
      trustedSuppliers: trustedSuppliers.length > 0 ? [...trustedSuppliers] : undefined,
      unreadKinds,
      accepted: accepted.length > 0 ? accepted.map(each => ({ ...each })) : undefined,
    });
  }

  /** A rule with the parameters that were given, and its defaults for the others. */
  private static of(rule: Rule, given: Parameters = {}, source?: RegoSource): PolicyRule {
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return new PolicyRule({ rule: rule.name, ...rule.withDefaults(present) }, 'deny', source);
  }

  private constructor(
    private readonly entry: { readonly rule: string; readonly [parameter: string]: unknown },
    private readonly action = 'deny',
    private readonly source?: RegoSource,
  ) {
    const rule = RULES.get(entry.rule)!;
    const { error } = rule.entry.safeParse({ ...entry, action }, { error: namedErrorOf });
    const problems = error?.issues ?? rule.mistakes(entry);
    if (problems.length > 0) {
      throw new Error(
        `the rule ${entry.rule} is not valid: ${problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
      );
    }
  }

  /**
   * The same rule, but what it finds is only reported and changes no verdict. Throws for a rule that refuses
   * nothing (`coverage`, `databaseAge`): where it is indeterminate, the scan ends in ERROR.
   */
  public warns(): PolicyRule {
    const { rule } = this.entry;
    if (!this._refuses()) {
      throw new Error(
        `the rule ${rule} cannot warn, since it refuses nothing and ends in ERROR; leave it out instead`,
      );
    }
    return new PolicyRule(this.entry, 'warn', this.source);
  }

  /** The bucket folder with its files, if they are not in the app. @internal */
  public _folder(): RegoFolder | undefined {
    return this.source?._folder();
  }

  /** @internal */
  public _refuses(): boolean {
    return RULES.get(this.entry.rule)!.refuses;
  }

  /** @internal */
  public _entry(): RuleEntry {
    return { ...this.entry, action: this.action as RuleEntry['action'] };
  }
}

function named(
  severities: readonly VulnerabilitySeverity[] | undefined,
  what: string,
): VulnerabilitySeverity[] | undefined {
  if (severities === undefined) return undefined;
  if (severities.length === 0) {
    throw new Error(`${what} names no severity, allowed: one or more of ${SEVERITIES.join(', ')}`);
  }
  return [...severities];
}
