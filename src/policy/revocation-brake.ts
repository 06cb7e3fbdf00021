/**
 * The brake on revocations: what happens if many trusted images fail policy within an hour. A mistake in a
 * policy, in a Rego file or in a vulnerability database can make everything fail at once, and then nothing
 * can be deployed.
 *
 * While the brake holds, an image that was trusted and fails is still admitted, until its statement expires
 * and for at most 24 hours, so that a person can decide. The brake never holds an image that was not trusted,
 * or one with a secret, a denied package, a critical vulnerability, an operating system at its end, a high
 * age, or a message of Rego that is critical or gives no severity. With a rule
 * `PolicyRule.exploitedVulnerabilities()` it never holds one with a vulnerability of that catalog either.
 * Failures in its own repository do not count for an image.
 */
export class RevocationBrake {
  /** Every FAIL of a trusted image revokes it at once. */
  public static readonly NONE = new RevocationBrake(undefined);

  /**
   * Holds revocations if more than this share of the trusted images, and at least 5 in 2 other repositories,
   * fail within an hour. Images that failed since they were last counted, once an hour, count as passing too:
   * above 20 percent are then 25 that fail of 100, and from 50 percent on nothing is held before that count.
   * An index with its images is one failure. Throws for a number that is not from 1 to 99.
   *
   * @param percent of the trusted images
   */
  public static above(percent: number): RevocationBrake {
    if (!(percent >= 1 && percent <= 99)) {
      throw new Error(
        `the brake on revocations is above ${percent} percent, allowed: a number from 1 to 99, for example RevocationBrake.above(20)`,
      );
    }
    return new RevocationBrake(percent);
  }

  private constructor(private readonly percent: number | undefined) {}

  /** Undefined: there is no brake. @internal */
  public _above(): number | undefined {
    return this.percent;
  }
}
