import { plainText } from '../../src/core/text/plain-text';
import { Tries } from '../../src/core/times';

/** Listing a large account is throttled: the client waits, and slows down by itself. */
export const PATIENT = { retryMode: 'adaptive', maxAttempts: Tries.inventory } as const;

/** Lookups until a signal. One that fails or hangs is a sentence in `unknown`, and stops no other. */
export class Lookups {
  public readonly unknown: string[] = [];
  private readonly over: Promise<never>;

  constructor(public readonly signal: AbortSignal) {
    this.over = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.over.catch(() => undefined); // nobody may be waiting
  }

  public async attempt(what: string, look: () => Promise<void>): Promise<void> {
    try {
      this.signal.throwIfAborted();
      await Promise.race([look(), this.over]);
    } catch (error) {
      const why = this.signal.aborted
        ? 'the time was over'
        : `${(error as Error).name}: ${(error as Error).message}`;
      this.unknown.push(plainText(`${what} could not be looked up: ${why}`, 300));
    }
  }
}
