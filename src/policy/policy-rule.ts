import { RULES } from '../core/policy/rules';
import { SEVERITIES } from '../core/scanning/severity';

/**
 * How bad a vulnerability is, by Trivy's database.
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
  /** The database does not say. */
  UNKNOWN = 'UNKNOWN',
}

/**
 * Which vulnerabilities a rule refuses.
 */
export interface VulnerabilityRuleOptions {
  /**
   * The severities that count. `UNKNOWN` counts if it is named, and only then.
   *
   * @default - CRITICAL
   */
  readonly severities?: VulnerabilitySeverity[];

  /**
   * Whether only those count that some version fixes.
   *
   * @default true
   */
  readonly onlyFixed?: boolean;
}

/**
 * What a policy asks of an image. A rule denies; `warns()` makes of it one that only reports.
 */
export class PolicyRule {
  /** Refuses vulnerabilities by severity. */
  public static vulnerabilities(options: VulnerabilityRuleOptions = {}): PolicyRule {
    const severities = options.severities ?? [VulnerabilitySeverity.CRITICAL];
    if (severities.length === 0) throw new Error(`a vulnerability rule names no severity, allowed: one or more of ${SEVERITIES.join(', ')}`);
    return new PolicyRule({ rule: 'vulnerabilities', severities: [...severities], onlyFixed: options.onlyFixed ?? true });
  }

  /** Refuses secrets, also in files that a later layer deletes; but see `unsearchedLayers()`. */
  public static secrets(): PolicyRule {
    return new PolicyRule({ rule: 'secrets' });
  }

  /**
   * Refuses images of which Trivy searched some layers for no secrets: those of what it takes for the base image, by an earlier CMD in the
   * history, which whoever builds the image writes. Nearly every image has a base image with a CMD, so `ImagePolicy.standard()` has it as one that warns.
   */
  public static unsearchedLayers(): PolicyRule {
    return new PolicyRule({ rule: 'unsearched-layers' });
  }

  /** Refuses operating systems whose release gets no security fixes any more. */
  public static endOfLifeOs(): PolicyRule {
    return new PolicyRule({ rule: 'end-of-life-os' });
  }

  /** Refuses images that start as root. */
  public static runsAsRoot(): PolicyRule {
    return new PolicyRule({ rule: 'runs-as-root' });
  }

  /**
   * Ends in ERROR where the vulnerability database is too old to say anything.
   *
   * @param maxHours the greatest age in hours, at least 1
   */
  public static databaseAge(maxHours: number): PolicyRule {
    return new PolicyRule({ rule: 'database-age', maxHours });
  }

  /** Ends in ERROR where Trivy could not have found anything: an unknown operating system release, or no packages. */
  public static coverage(): PolicyRule {
    return new PolicyRule({ rule: 'coverage' });
  }

  private constructor(private readonly entry: { readonly rule: string; readonly [parameter: string]: unknown }, private readonly action = 'deny') {
    const checked = RULES.get(entry.rule)!.entry.safeParse({ ...entry, action });
    if (!checked.success) throw new Error(`the rule ${entry.rule} is not valid: ${checked.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
  }

  /** The same rule, but what it finds is reported and changes no verdict. Throws for a rule that finds nothing: where that cannot tell, nobody can. */
  public warns(): PolicyRule {
    const { rule } = this.entry;
    if (!RULES.get(rule)!.refuses) throw new Error(`the rule ${rule} cannot warn: it refuses nothing, it ends in ERROR; leave it out instead`);
    return new PolicyRule(this.entry, 'warn');
  }

  /** @internal */
  public _entry(): { readonly [parameter: string]: unknown } {
    return { ...this.entry, action: this.action };
  }
}
