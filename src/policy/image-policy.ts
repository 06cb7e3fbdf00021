import { Duration } from 'aws-cdk-lib';
import { PolicyRule } from './policy-rule';
import { readPolicy } from '../core/policy/policy';

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
   */
  public static standard(): ImagePolicy {
    return new ImagePolicy({
      name: 'standard',
      rules: [
        PolicyRule.coverage(), PolicyRule.databaseAge(48),
        PolicyRule.vulnerabilities(), PolicyRule.secrets(), PolicyRule.endOfLifeOs(), PolicyRule.runsAsRoot(),
        PolicyRule.unsearchedLayers().warns(),
      ],
    });
  }

  /** A policy of your own. Throws if it is empty or denies nothing. */
  public static of(props: ImagePolicyProps): ImagePolicy {
    return new ImagePolicy(props);
  }

  private readonly document: string;

  private constructor(private readonly props: ImagePolicyProps) {
    this.document = JSON.stringify({
      name: props.name,
      maxAgeHours: (props.maxAge ?? Duration.hours(72)).toHours(),
      rules: props.rules.map(rule => rule._entry()),
    });
    const policy = readPolicy(this.document);
    if (!policy.ok) throw new Error(`the policy ${JSON.stringify(props.name)} is not valid: ${policy.error.join('; ')}`);
  }

  /** The same policy with one more rule. */
  public with(rule: PolicyRule): ImagePolicy {
    return new ImagePolicy({ ...this.props, rules: [...this.props.rules, rule] });
  }

  /** @internal */
  public _render(): string {
    return this.document;
  }
}
