import type { Check } from '../check';
import type { PartOutcome } from '../state';
import type { SuiteName } from '../suites';

export type Answer = Omit<PartOutcome, 'what'>;

/** One statement of an item of docs/not-run-on-aws.md. */
export type Part = { readonly what: string } & (
  | { run(check: Check): Promise<Answer> }
  /** It shows in end-to-end tests: those of a file. */
  | { readonly suite: SuiteName }
  /** It needs what the second app deploys. */
  | { withSecondApp(check: Check): Promise<Answer> }
  /** Why no program of a reader's can check it within half an hour. */
  | { readonly cannot: string }
);

/** An item of "Check first on AWS" in docs/not-run-on-aws.md, by its number there. */
export interface Numbered {
  readonly number: number;
  /** The words that are bold there. */
  readonly title: string;
  readonly parts: readonly Part[];
}

export function held(why: string, raw?: unknown): Answer {
  return { outcome: 'held', why, raw };
}

export function didNotHold(why: string, raw?: unknown): Answer {
  return { outcome: 'did not hold', why, raw };
}

export function notChecked(why: string, raw?: unknown): Answer {
  return { outcome: 'not checked', why, raw };
}

/** What the embedded cloud lacks is named while the check runs, too. */
export function leftOutHere({ say }: Check, why: string): Answer {
  say(`left out on the embedded cloud: ${why}`);
  return notChecked(`left out on the embedded cloud: ${why}`);
}

/** Held if the cloud says no. */
export async function isDenied(what: string, call: () => Promise<unknown>): Promise<Answer> {
  try {
    await call();
    return didNotHold(`${what} was allowed`);
  } catch (error) {
    const { name, message } = error as Error;
    return /AccessDenied|not authorized|denied/i.test(`${name} ${message}`)
      ? held(`${what} was denied: ${message}`)
      : notChecked(`${what} ended with ${name}: ${message}`);
  }
}

/** Held if the cloud says yes. */
export async function isAllowed(what: string, call: () => Promise<unknown>): Promise<Answer> {
  try {
    await call();
    return held(`${what} was allowed`);
  } catch (error) {
    const { name, message } = error as Error;
    return didNotHold(`${what} ended with ${name}: ${message}`);
  }
}
