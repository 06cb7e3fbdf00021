import { Stack, Token } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { checkRepositoryName, refuseHost } from './check-repository-name';
import { canShare, isEnrolledByName, type Enrolment } from '../core/image/enrolment';
import { ECR_REPOSITORY_PREFIX } from '../core/image/repository-name';

const ACCOUNT = /^\d{12}$/;

/** For messages. @internal */
export const SELECTORS = 'a list of RepositorySelector, for example [RepositorySelector.prefix("team/")]';

/**
 * Selects the repositories that are enrolled: their pushes start scans, and their images can be trusted.
 *
 * All selectors together make one event rule. Each selector is one statement in the policy of each role that
 * needs it, however many repositories it selects.
 */
export class RepositorySelector {
  /**
   * Every repository whose name starts with a prefix.
   *
   * @param prefix lower case, for example `team/`. End it with `/`, or `team` also selects `team-b`. Throws
   * if it is not the start of an ECR repository name.
   */
  public static prefix(prefix: string): RepositorySelector {
    if (Token.isUnresolved(prefix) || !ECR_REPOSITORY_PREFIX.test(prefix)) {
      throw new Error(
        `the repository prefix ${JSON.stringify(prefix)} is not the start of a repository name, allowed: lower-case letters, digits and ". _ - /", for example "team/"`,
      );
    }
    refuseHost(`the repository prefix ${JSON.stringify(prefix)}`, prefix);
    return new RepositorySelector({ by: 'prefix', prefix }, [`${prefix}*`], [{ prefix }], undefined);
  }

  /**
   * One repository, by its name.
   *
   * @param name for example `team/app`. A token is allowed: `repository.repositoryName`. Throws if it is not
   * an ECR repository name.
   */
  public static name(name: string): RepositorySelector {
    checkRepositoryName(name);
    return new RepositorySelector({ by: 'name', name }, [name], [name], undefined);
  }

  /**
   * Every repository that has a resource tag.
   *
   * Events do not contain resource tags: the dispatcher looks them up, and caches them for five minutes.
   *
   * @param key the tag's key, 1 to 128 characters. Throws if it is a token, is empty or is longer.
   * @param value the tag's value
   */
  public static tag(key: string, value: string): RepositorySelector {
    if (Token.isUnresolved(key)) {
      throw new Error(
        `the tag key ${JSON.stringify(key)} is a token, allowed: a literal key, because IAM does not accept a token as the name of a condition`,
      );
    }
    if (key === '' || key.length > 128) {
      throw new Error(
        `the tag key ${JSON.stringify(key)} has ${key.length} characters, allowed: 1 to 128, for example "trusted"`,
      );
    }
    return new RepositorySelector({ by: 'tag', key, value }, ['*'], [{ prefix: '' }], {
      [`ecr:ResourceTag/${key}`]: value,
    });
  }

  /** A repository that others name, whatever its name is. @internal */
  public static _named(name: string): RepositorySelector {
    return new RepositorySelector({ by: 'name', name }, [name], [name], undefined);
  }

  /** One repository whose images are scanned only if a deployment requests it. @internal */
  public static _onRequest(name: string): RepositorySelector {
    return new RepositorySelector({ by: 'request', name }, [name], [name], undefined);
  }

  /**
   * Every repository of the registry. The library's own are left out, here and with a prefix or a tag: the
   * repository of the probe, and those in which a `PullThroughCache` keeps Trivy's image and its databases.
   */
  public static all(): RepositorySelector {
    return new RepositorySelector({ by: 'all' }, ['*'], [{ prefix: '' }], undefined);
  }

  private constructor(
    private readonly enrolment: Enrolment[number],
    private readonly resources: string[],
    private readonly names: (string | object)[],
    private readonly tags: Record<string, string> | undefined,
  ) {}

  /**
   * The same repository of another account, in the region of the trust. It may be called on `name()` only:
   * nobody can list the repositories of another account, so each is named.
   *
   * An `ImageTrustForwarder` in that account forwards its pushes, and lets the trust pull.
   *
   * @param account 12 digits. Throws for anything else, also for a token, and for a prefix, a tag or all.
   */
  public inAccount(account: string): RepositorySelector {
    const shown = Token.isUnresolved(account) ? 'given as a token' : JSON.stringify(account);
    if (Token.isUnresolved(account) || !ACCOUNT.test(account)) {
      throw new Error(
        `the account ${shown} of ${this._shown()} is not an account, allowed: 12 digits, for example "210987654321"`,
      );
    }
    const { enrolment } = this;
    if (enrolment.by !== 'name') {
      throw new Error(
        `${this._shown()} cannot be selected in the account ${account}, because nobody can list the repositories of another account, allowed: RepositorySelector.name("team/app").inAccount(${shown}) for each of them`,
      );
    }
    return new RepositorySelector({ ...enrolment, account }, this.resources, this.names, undefined);
  }

  /**
   * Whether a repository of this name is selected, in the account of the trust or in another one. Selectors
   * by tag count as no.
   *
   * @internal
   */
  public _selects(name: string, otherAccount?: string): boolean {
    return isEnrolledByName([this.enrolment], name, otherAccount);
  }

  /** The account, if it is not that of the trust. @internal */
  public get _otherAccount(): string | undefined {
    return this.enrolment.by === 'name' ? this.enrolment.account : undefined;
  }

  /** Whether one repository can be selected by both. A token is unknown, and counts as yes. @internal */
  public _canShare(other: RepositorySelector): boolean {
    return (
      [this, other].some(({ enrolment }) => 'name' in enrolment && Token.isUnresolved(enrolment.name)) ||
      canShare(this.enrolment, other.enrolment)
    );
  }

  /** Whether some repository is certainly selected by both: by names, of which none is a token. @internal */
  public _overlaps(other: RepositorySelector): boolean {
    const both = [this.enrolment, other.enrolment];
    return (
      both.every(each => each.by !== 'tag' && !('name' in each && Token.isUnresolved(each.name))) &&
      this._otherAccount === other._otherAccount &&
      canShare(this.enrolment, other.enrolment)
    );
  }

  /** @internal */
  public get _prefix(): string | undefined {
    return this.enrolment.by === 'prefix' ? this.enrolment.prefix : undefined;
  }

  /** Whether this is a prefix that ends in the middle of a word of the other. @internal */
  public _beginsWithin({ enrolment }: RepositorySelector): boolean {
    const prefix = this._prefix;
    const other = 'prefix' in enrolment ? enrolment.prefix : 'name' in enrolment ? enrolment.name : undefined;
    if (prefix === undefined || /[./_-]$/.test(prefix) || other === undefined) return false;
    return other.length > prefix.length && other.startsWith(prefix) && other[prefix.length] !== '/';
  }

  /** For messages. @internal */
  public _shown(): string {
    const { by, account, ...rest } = { account: undefined, ...this.enrolment };
    const [what = 'all repositories', value] = Object.values(rest) as string[];
    switch (by) {
      case 'all':
        return what;
      case 'tag':
        return `the tag ${JSON.stringify(what)}: ${JSON.stringify(value)}`;
      default:
        return `the ${by === 'prefix' ? 'prefix' : 'name'} ${Token.isUnresolved(what) ? '(a token)' : JSON.stringify(what)}${account === undefined ? '' : ` in account ${account}`}`;
    }
  }

  /** @internal */
  public _enrolment(): Enrolment[number] {
    return this.enrolment;
  }

  /** The patterns with which a rule matches `repository-name`. @internal */
  public _pattern(): (string | object)[] {
    return this.names;
  }

  /** @internal */
  public _arns(scope: IConstruct): {
    readonly resources: string[];
    readonly tags: Record<string, string> | undefined;
  } {
    return {
      resources: this.resources.map(resourceName => this.arnOf(resourceName, scope)),
      tags: this.tags,
    };
  }

  /** @internal */
  public _grant(scope: IConstruct, grantee: IGrantable, actions: string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: this.resources.map(resourceName => this.arnOf(resourceName, scope)),
      ...(this.tags !== undefined && { conditions: { StringEquals: this.tags } }),
    });
  }

  private arnOf(resourceName: string, scope: IConstruct): string {
    return Stack.of(scope).formatArn({
      service: 'ecr',
      resource: 'repository',
      resourceName,
      account: this._otherAccount,
    });
  }
}
