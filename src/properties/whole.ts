import type { Duration } from 'aws-cdk-lib';

const UNITS = {
  days: { seconds: 86_400, example: (amount: number) => `Duration.days(${amount})` },
  hours: { seconds: 3600, example: (amount: number) => `Duration.hours(${amount})` },
} as const;

interface Range {
  readonly least: number;
  readonly most: number;
  /** One that is often right, for the message. */
  readonly example: number;
}

/**
 * A Duration as a number of whole days or hours. Throws for a part of one, and outside of its limits.
 *
 * @param what the property and its interface, for the message
 * @internal
 */
export function whole(
  unit: keyof typeof UNITS,
  given: Duration,
  what: string,
  { least, most, example }: Range,
): number {
  if (given.isUnresolved()) {
    throw new Error(`${what} is a token, allowed: a Duration that is known when the app is synthesised`);
  }
  const { seconds, example: show } = UNITS[unit];
  const amount = given.toSeconds({ integral: false }) / seconds;
  if (Number.isInteger(amount) && amount >= least && amount <= most) return amount;
  throw new Error(
    `${what} is ${given.toHumanString()}, allowed: a Duration of whole ${unit}, ${least} to ${most}, for example ${show(example)}`,
  );
}
