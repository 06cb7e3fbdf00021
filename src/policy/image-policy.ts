import { Duration } from 'aws-cdk-lib';
import { loadPolicyFile } from './load-policy-file';
import { PolicyRule } from './policy-rule';
import type { RegoFolder } from './rego-source';
import { readPolicy } from '../core/policy/policy';
import { audited, PRESETS, type PolicyDraft, type RuleEntry } from '../core/policy/presets';
import { RULES } from '../core/policy/rules';
import { Seconds } from '../core/times';
import { checkIs, checkProperties, optional, required, type Properties } from '../properties/properties';
import { whole } from '../properties/whole';

/**
 * What an image policy consists of.
 */
export interface ImagePolicyProps {
  /** Name of the policy, 1 to 64 characters; verdicts carry it. */
  readonly name: string;

  /** Its rules, 1 or more. At least one must deny. */
  readonly rules: PolicyRule[];

  /**
   * How long a verdict holds after its scan. Whole hours, 1 hour to 30 days. Images that passed are scanned
   * again every day, so this is how long the scanner may be out of order before trust expires.
   *
   * @default Duration.hours(72)
   */
  readonly maxAge?: Duration;
}

const IMAGE_POLICY: Properties<ImagePolicyProps> = {
  name: required(),
  rules: required([PolicyRule], 'a list of PolicyRule, for example [PolicyRule.secrets()]'),
  maxAge: optional(Duration, 'a Duration, for example Duration.days(7)'),
};

/** 30 days. */
const MAX_AGE = { least: 1, most: 720, example: 72 };

/**
 * The rules that images are judged by.
 */
export class ImagePolicy {
  /**
   * A policy that a platform team can turn on at once. It refuses critical vulnerabilities that a version
   * fixes, secrets, operating systems at the end of their life, and images that start as root. A scan is
   * indeterminate (ERROR) with a database older than 48 hours, or where Trivy could not have found anything.
   * Verdicts hold for 72 hours.
   *
   * A critical vulnerability that is found in an image which was trusted before has a grace period of 7 days.
   * Vulnerabilities of unknown severity are not refused.
   */
  public static standard(): ImagePolicy {
    return new ImagePolicy(PRESETS.standard);
  }

  /**
   * A policy for images that face the internet. It refuses what `standard()` refuses, and also high
   * vulnerabilities and those of unknown severity that a version fixes, and critical or high
   * misconfigurations. A scan is indeterminate with a database older than 24 hours. Verdicts hold for 48
   * hours. Critical vulnerabilities that no version fixes yet are reported.
   *
   * A vulnerability that is found in an image which was trusted before has a grace period: 7 days for a
   * critical one, 30 days for a high one or one of unknown severity.
   */
  public static strict(): ImagePolicy {
    return new ImagePolicy(PRESETS.strict);
  }

  /**
   * The rules of another policy, each of which only reports: it shows what the policy would refuse. **Every
   * image that can be scanned passes, and gates admit it**, so nothing may rely on trust yet. The image is
   * not signed in the registry. What is indeterminate is an ERROR here too.
   *
   * @param policy the policy with the rules; `ImagePolicy.strict()` if it is left out
   */
  public static audit(policy: ImagePolicy = ImagePolicy.strict()): ImagePolicy {
    return new ImagePolicy(audited(policy.draft, refuses), policy.folders);
  }

  /** A policy of your own. Throws if a value is out of its limits, or if no rule denies. */
  public static of(props: ImagePolicyProps): ImagePolicy {
    checkProperties('ImagePolicyProps', props, IMAGE_POLICY);
    const { name, rules, maxAge = Duration.seconds(Seconds.verdictMaxAge) } = props;
    return new ImagePolicy(
      {
        name,
        maxAgeHours: whole('hours', maxAge, '"maxAge" of ImagePolicyProps', MAX_AGE),
        rules: rules.map(rule => rule._entry()),
      },
      foldersOf(rules),
    );
  }

  /**
   * The default policy of a file, `trusted-images.yaml`, which `cdk-trusted-images scan --policy` reads too.
   * Throws with file, line and column for every problem, and if the file also has policies for some
   * repositories or waivers: use `PolicyFile.load()` for such a file.
   *
   * @param path the path of the file
   * @see https://github.com/example/cdk-trusted-images/tree/main/docs/policy.md
   */
  public static fromFile(path: string): ImagePolicy {
    const { set, waiverSources } = loadPolicyFile(path);
    const also = [
      ...(set.scoped.length > 0 ? ['policies for some repositories'] : []),
      ...(waiverSources.length > 0 ? ['waivers'] : []),
    ];
    if (also.length > 0) {
      throw new Error(
        `the file ${JSON.stringify(path)} has ${also.join(' and ')}, allowed: one policy; use PolicyFile.load(), and pass on all its values`,
      );
    }
    return ImagePolicy._of(set.default);
  }

  /** A policy from its document. @internal */
  public static _of(draft: object): ImagePolicy {
    return new ImagePolicy(draft as PolicyDraft);
  }

  private readonly document: string;

  /** `folders`: the bucket folders of rules whose files are not in the app, by the entry of the rule. */
  private constructor(
    private readonly draft: PolicyDraft,
    private readonly folders: ReadonlyMap<string, RegoFolder> = new Map(),
  ) {
    const { name, maxAgeHours, audit, rules } = draft;
    this.document = JSON.stringify({ name, maxAgeHours, ...(audit === true && { audit }), rules });
    const policy = readPolicy(this.document);
    if (!policy.ok) {
      throw new Error(`the policy ${JSON.stringify(name)} is not valid: ${policy.error.join('; ')}`);
    }
  }

  /** The same policy with one more rule. */
  public plus(rule: PolicyRule): ImagePolicy {
    checkIs(rule, PolicyRule, 'plus() of an ImagePolicy', 'a PolicyRule, for example PolicyRule.secrets()');
    return new ImagePolicy(
      { ...this.draft, rules: [...this.draft.rules, rule._entry()] },
      new Map([...this.folders, ...foldersOf([rule])]),
    );
  }

  /**
   * The same policy without a rule, to drop it or to replace it. Throws if the policy has no rule of that
   * name, or if no rule is left that denies.
   *
   * @param rule its name in verdicts, for example `runs-as-root`. If the policy has the rule more than once,
   * all of them are left out
   */
  public without(rule: string): ImagePolicy {
    const names = this.draft.rules.map(each => each.rule);
    if (!names.includes(rule)) {
      throw new Error(
        `the policy ${JSON.stringify(this.draft.name)} has no rule ${JSON.stringify(rule)}, it has: ${[...new Set(names)].join(', ')}`,
      );
    }
    return new ImagePolicy(
      { ...this.draft, rules: this.draft.rules.filter(each => each.rule !== rule) },
      this.folders,
    );
  }

  /** Whether it refuses nothing. @internal */
  public _onlyReports(): boolean {
    return this.draft.audit === true;
  }

  /** @internal */
  public _hasRego(): boolean {
    return this.draft.rules.some(({ rule }) => rule === 'rego');
  }

  /** How old a vulnerability database may be at most, in hours. @internal */
  public _databaseMaxHours(): number {
    const hours = this.draft.rules.flatMap(({ rule, maxHours }) =>
      rule === 'database-age' ? [Number(maxHours)] : [],
    );
    return Math.min(...hours);
  }

  /** The bucket folders of its rules. @internal */
  public _folders(): RegoFolder[] {
    return this.draft.rules.flatMap(entry => this.folders.get(placeOf(entry)) ?? []);
  }

  /** @internal */
  public _render(): string {
    return this.document;
  }
}

function refuses(rule: string): boolean {
  return RULES.get(rule)!.refuses;
}

function foldersOf(rules: readonly PolicyRule[]): Map<string, RegoFolder> {
  return new Map(
    rules.flatMap(rule => {
      const folder = rule._folder();
      return folder === undefined ? [] : [[placeOf(rule._entry() as RuleEntry), folder] as const];
    }),
  );
}

/** The bucket and folder that a rule names. They are the same in a copy of the rule that warns. */
function placeOf({ bucket, prefix }: RuleEntry): string {
  return JSON.stringify([bucket, prefix]);
}
