import { Duration } from 'aws-cdk-lib';
import { PolicyRule } from './policy-rule';
import type { RegoFolder } from './rego-source';
import { VulnerabilitySeverity } from './vulnerability-severity';
import { readPolicy } from '../core/policy/policy';

const { CRITICAL, HIGH, UNKNOWN } = VulnerabilitySeverity;

/**
 * What an image policy consists of.
 */
export interface ImagePolicyProps {
  /** Name of the policy, 1 to 64 characters; verdicts carry it. */
  readonly name: string;

  /** Its rules. At least one that denies. */
  readonly rules: PolicyRule[];

  /**
   * For how long after its scan a verdict holds, 1 hour to 30 days. Images that passed are scanned again every day, so this is how long the scanner may be out of order.
   *
   * @default Duration.hours(72)
   */
  readonly maxAge?: Duration;
}

/**
 * The rules that images are judged by.
 */
export class ImagePolicy {
  /**
   * A policy that a platform team can turn on at once: it refuses critical vulnerabilities that a version fixes, secrets, operating systems
   * at the end of their life, and root. It cannot tell (ERROR) with a database older than 48 hours, or where Trivy could see nothing.
   *
   * An image that was trusted before has 7 days for a critical vulnerability that is found in it later. Vulnerabilities of unknown severity are not refused.
   */
  public static standard(): ImagePolicy {
    return new ImagePolicy({
      name: 'standard',
      rules: [
        PolicyRule.coverage(), PolicyRule.databaseAge(48),
        PolicyRule.vulnerabilities({ window: { critical: Duration.days(7) } }),
        PolicyRule.secrets(), PolicyRule.endOfLifeOs(), PolicyRule.runsAsRoot(),
        PolicyRule.unsearchedLayers().warns(),
      ],
    });
  }

  /**
   * A policy for images that face the world: like `standard()`, and it refuses high vulnerabilities too, those of unknown severity, and critical or high
   * misconfigurations. It cannot tell with a database older than 24 hours, and its verdicts hold for 48. Critical vulnerabilities that nothing fixes yet are reported.
   *
   * An image that was trusted before has 7 days for a critical vulnerability that is found in it later, and 30 for a high or unknown one.
   */
  public static strict(): ImagePolicy {
    return new ImagePolicy({
      name: 'strict',
      maxAge: Duration.hours(48),
      rules: [
        PolicyRule.coverage(), PolicyRule.databaseAge(24),
        PolicyRule.vulnerabilities({
          severities: [CRITICAL, HIGH, UNKNOWN],
          window: { critical: Duration.days(7), high: Duration.days(30), unknown: Duration.days(30) },
        }),
        PolicyRule.vulnerabilities({ severities: [CRITICAL], onlyFixed: false }).warns(),
        PolicyRule.secrets(), PolicyRule.misconfigurations(), PolicyRule.endOfLifeOs(), PolicyRule.runsAsRoot(),
        PolicyRule.unsearchedLayers().warns(),
      ],
    });
  }

  /**
   * The rules of another policy, each of which only reports: to see what it would refuse before it does. **Every image that can be scanned passes, is
   * trusted, and is signed**, so nothing may rely on trust yet. What cannot be told is an ERROR here too.
   *
   * @param policy whose rules; `ImagePolicy.strict()` if it is left out
   */
  public static audit(policy: ImagePolicy = ImagePolicy.strict()): ImagePolicy {
    const rules = policy.props.rules.map(rule => rule._refuses() ? rule.warns() : rule);
    return new ImagePolicy({ ...policy.props, name: `audit ${policy.props.name}`.slice(0, 64), rules }, true);
  }

  /** A policy of your own. Throws if it is empty or denies nothing. */
  public static of(props: ImagePolicyProps): ImagePolicy {
    return new ImagePolicy(props);
  }

  private readonly document: string;

  private constructor(private readonly props: ImagePolicyProps, private readonly isAudit = false) {
    this.document = JSON.stringify({
      name: props.name,
      maxAgeHours: (props.maxAge ?? Duration.hours(72)).toHours(),
      ...(isAudit && { audit: true }),
      rules: props.rules.map(rule => rule._entry()),
    });
    const policy = readPolicy(this.document);
    if (!policy.ok) throw new Error(`the policy ${JSON.stringify(props.name)} is not valid: ${policy.error.join('; ')}`);
  }

  /** The same policy with one more rule. */
  public with(rule: PolicyRule): ImagePolicy {
    return new ImagePolicy({ ...this.props, rules: [...this.props.rules, rule] }, this.isAudit);
  }

  /**
   * The same policy without a rule, to leave it out or to put another in its place. Throws if it has none of that name, or nothing is left that denies.
   *
   * @param rule its name as verdicts have it, for example `runs-as-root`; a rule that the policy has more than once goes as a whole
   */
  public without(rule: string): ImagePolicy {
    const names = this.props.rules.map(each => each._entry().rule);
    if (!names.includes(rule)) throw new Error(`the policy ${JSON.stringify(this.props.name)} has no rule ${JSON.stringify(rule)}, it has: ${[...new Set(names)].join(', ')}`);
    return new ImagePolicy({ ...this.props, rules: this.props.rules.filter((_, index) => names[index] !== rule) }, this.isAudit);
  }

  /** @internal */
  public _hasRego(): boolean {
    return this.props.rules.some(rule => rule._entry().rule === 'rego');
  }

  /** Where files of it lie, if not in the app. @internal */
  public _folders(): RegoFolder[] {
    return this.props.rules.flatMap(rule => rule._folder() ?? []);
  }

  /** @internal */
  public _render(): string {
    return this.document;
  }
}
