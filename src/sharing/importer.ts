import { Token } from 'aws-cdk-lib';

const ACCOUNT = /^\d{12}$/;
const ORGANIZATION = /^o-[a-z0-9]{10,32}$/;

/**
 * Another account, or an organization, whose apps may ask a trust about images.
 */
export class Importer {
  /**
   * One account. Its own policies decide which of its roles ask. A trust lists at most 48 accounts.
   *
   * @param account 12 digits. Throws for anything else, also for a token.
   */
  public static account(account: string): Importer {
    if (Token.isUnresolved(account) || !ACCOUNT.test(account)) {
      throw new Error(
        `the importing account ${shown(account)} is not an account, allowed: 12 digits, for example "210987654321"`,
      );
    }
    return new Importer({ account });
  }

  /**
   * Every account of an organization in AWS Organizations, also accounts that join it later. A trust lists at
   * most 9 organizations.
   *
   * @param organization for example `o-a1b2c3d4e5`. Throws for anything else, also for a token.
   */
  public static organization(organization: string): Importer {
    if (Token.isUnresolved(organization) || !ORGANIZATION.test(organization)) {
      throw new Error(
        `the importing organization ${shown(organization)} is not the id of an organization, allowed: "o-" and 10 to 32 lower-case letters and digits, for example "o-a1b2c3d4e5"`,
      );
    }
    return new Importer({ organization });
  }

  private constructor(private readonly asks: AskingAccount | AskingOrganization) {}

  /** @internal */
  public _asks(): AskingAccount | AskingOrganization {
    return this.asks;
  }
}

interface AskingAccount {
  readonly account: string;
}

interface AskingOrganization {
  readonly organization: string;
}

function shown(value: string): string {
  return Token.isUnresolved(value) ? 'given as a token' : JSON.stringify(value);
}
