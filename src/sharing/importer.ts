import { Token } from 'aws-cdk-lib';
import { AccountPrincipal, OrganizationPrincipal, type IPrincipal } from 'aws-cdk-lib/aws-iam';

const ACCOUNT = /^\d{12}$/;
const ORGANIZATION = /^o-[a-z0-9]{10,32}$/;

/**
 * Another account, or an organization, whose apps may ask a trust about images.
 */
export class Importer {
  /**
   * One account. Its own policies decide which of its roles ask.
   *
   * @param account 12 digits. Throws for anything else, also for a token.
   */
  public static account(account: string): Importer {
    if (Token.isUnresolved(account) || !ACCOUNT.test(account)) {
      throw new Error(
        `the importing account ${shown(account)} is not an account, allowed: 12 digits, for example "210987654321"`,
      );
    }
    return new Importer(`Account${account}`, new AccountPrincipal(account), account);
  }

  /**
   * Every account of an organization in AWS Organizations, also accounts that join it later.
   *
   * @param organization for example `o-a1b2c3d4e5`. Throws for anything else, also for a token.
   */
  public static organization(organization: string): Importer {
    if (Token.isUnresolved(organization) || !ORGANIZATION.test(organization)) {
      throw new Error(
        `the importing organization ${shown(organization)} is not the id of an organization, allowed: "o-" and 10 to 32 lower-case letters and digits, for example "o-a1b2c3d4e5"`,
      );
    }
    return new Importer(
      `Organization${organization.slice('o-'.length)}`,
      new OrganizationPrincipal(organization),
    );
  }

  private constructor(
    private readonly name: string,
    private readonly principal: IPrincipal,
    private readonly account?: string,
  ) {}

  /** For the id of a statement. @internal */
  public _name(): string {
    return this.name;
  }

  /** Undefined for the accounts of an organization. @internal */
  public _account(): string | undefined {
    return this.account;
  }

  /** @internal */
  public _principal(): IPrincipal {
    return this.principal;
  }
}

function shown(value: string): string {
  return Token.isUnresolved(value) ? 'given as a token' : JSON.stringify(value);
}
