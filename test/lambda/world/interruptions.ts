/** What a handler sees of a process that died, or of a service that did not answer. */
export class Crash extends Error {}

/** Every call of a port passes here first: it can be the last one, and it can be made to wait for others. */
export class Interruptions {
  /** How many calls there were. */
  public calls = 0;
  /** Set to let handlers that run at once overtake each other between any two calls. */
  public pause?: () => Promise<void>;
  private crashes: ReadonlySet<number> = new Set();

  /** From now on, the calls of these numbers are the last ones of their handlers. */
  public crashAtCalls(...numbers: number[]): void {
    this.calls = 0;
    this.crashes = new Set(numbers);
  }

  public async before(port: string): Promise<void> {
    this.calls += 1;
    if (this.crashes.has(this.calls)) throw new Crash(`crashed before ${port}`);
    await this.pause?.();
  }
}
