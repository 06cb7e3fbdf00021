import { setTimeout as sleep } from 'node:timers/promises';

/** Limits the average rate of calls: calls above the rate wait. */
export class Pace {
  private free = 0;

  constructor(
    private readonly perSecond: number,
    private readonly clock: () => number = Date.now,
    private readonly wait: (ms: number) => Promise<unknown> = sleep,
  ) {}

  /** Resolves when the calls may be made, and counts them. */
  public async take(turns: number): Promise<void> {
    const now = this.clock();
    const start = Math.max(now, this.free);
    this.free = start + (turns * 1000) / this.perSecond;
    if (start > now) await this.wait(start - now);
  }
}
