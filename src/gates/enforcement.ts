/**
 * What happens to a deployment whose image is not trusted.
 */
export class Enforcement {
  /** The deployment fails, with the reasons. */
  public static refuse(): Enforcement {
    return new Enforcement('REFUSE');
  }

  /**
   * The deployment continues, and the team is notified why it would have failed. Use it while you try out a
   * gate.
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
