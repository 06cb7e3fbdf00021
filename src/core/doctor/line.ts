import { plainText } from '../text/plain-text';

/** `found`: there is something to fix. `unknown`: nobody could look. */
export type LineState = 'ok' | 'found' | 'unknown';

/** What a check saw. Values are untrusted text. */
export interface Look {
  readonly state: LineState;
  readonly value: string;
  /** What the value has to be. */
  readonly limit: string;
  /** What to do. */
  readonly remedy?: string;
}

/** The answer of one check, under its name. */
export interface Line extends Look {
  readonly what: string;
}

export function ok(limit: string, value: string): Look {
  return { state: 'ok', value, limit };
}

export function found(limit: string, value: string, remedy: string): Look {
  return { state: 'found', value, limit, remedy };
}

export function unknown(limit: string, value: string, remedy: string): Look {
  return { state: 'unknown', value, limit, remedy };
}

/**
 * Each trust has some. They are in another stack, or its register is: the logical id of the register tells
 * what is a trust's.
 */
export function noneHere(limit: string, what: string): Look {
  return unknown(
    limit,
    `no ${what} of the trust were found in this stack`,
    [
      `ask the stack in which its ${what} are: --stack NAME`,
      "if that is this one, look at them yourself: they are found only beside the trust's register",
    ].join('; '),
  );
}

/** How many names a line has room for. */
const FEW = 3;

/** `a, b, c and 4 more` */
export function firstFew(names: readonly string[]): string {
  const shown = names.slice(0, FEW).map(name => plainText(name, 160));
  return names.length <= FEW ? shown.join(', ') : `${shown.join(', ')} and ${names.length - FEW} more`;
}

/** The first time unit that makes it more than two: `90 minutes`, `47 hours`, `3 days`. */
export function ageText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

export function secondsSince(time: string | Date, now: Date): number {
  return Math.max(0, (now.getTime() - new Date(time).getTime()) / 1000);
}
