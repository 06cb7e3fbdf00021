/**
 * What becomes of a deployment whose image is not trusted.
 */
export class Enforcement {
  /** The deployment fails, and says why. */
  public static refuse(): Enforcement {
    return new Enforcement('REFUSE');
  }

  /**
   * The deployment goes on, and people are told why it would have failed. For the time in which a gate is
   * tried out.
   */
  public static audit(): Enforcement {
    return new Enforcement('AUDIT');
  }

  private constructor(private readonly mode: 'REFUSE' | 'AUDIT') {}

  /** @internal */
  public _mode(): 'REFUSE' | 'AUDIT' {
    return this.mode;
  }
}
