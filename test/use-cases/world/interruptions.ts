/** What a handler sees of a process that died, or of a service that did not answer. */
export class Crash extends Error {}

/** Every call of a port passes here first: it can be the last one, and it can be made to wait for others. */
export class Interruptions {
  /** How many calls there were. */
  public calls = 0;
  /** Set to let handlers that run at once overtake each other between any two calls. */
  public pause?: () => Promise<void>;
  /** Set to look at the world before each call: what must hold at every moment. */
  public watch?: () => void;
  private crashes: ReadonlySet<number> = new Set();
  private happening?: { readonly at: number | string; act(): Promise<unknown> };
  private isOutside = false;
  private process: 'lives' | 'dies' | 'dead' = 'lives';

  /** From now on, the calls of these numbers are the last ones of their handlers. */
  public crashAtCalls(...numbers: number[]): void {
    this.calls = 0;
    this.crashes = new Set(numbers);
  }

  /**
   * Others act, once, right before the call of this number, or the next one of this name. What they call
   * themselves is not counted.
   */
  public happenAtCall(at: number | string, act: () => Promise<unknown>): void {
    this.happening = { at, act };
  }

  /**
   * A handler starts. Where a crash is the end of its process, none of its later calls gets through either,
   * whatever it catches.
   */
  public start(dies: boolean): void {
    this.process = dies ? 'dies' : 'lives';
  }

  public get isDead(): boolean {
    return this.process === 'dead';
  }

  public async before(port: string): Promise<void> {
    if (this.isOutside) return;
    if (this.isDead) throw new Crash(`was dead before ${port}`);
    this.calls += 1;
    this.watch?.();
    if (this.happening?.at === this.calls || this.happening?.at === port) {
      await this.happen(this.happening.act);
    }
    if (this.crashes.has(this.calls)) {
      if (this.process === 'dies') this.process = 'dead';
      throw new Crash(`crashed before ${port}`);
    }
    await this.pause?.();
  }

  private async happen(act: () => Promise<unknown>): Promise<void> {
    this.happening = undefined;
    this.isOutside = true;
    await act().finally(() => {
      this.isOutside = false;
    });
  }
}
