import type { BreakGlass } from './break-glass';

/**
 * The break-glass of a trust. It is made when the app first asks for it: before that nobody may grant, and
 * its resources would wait for nobody.
 *
 * @internal
 */
export class BreakGlassOnRequest {
  private made?: BreakGlass;
  private readonly waiting: ((breakGlass: BreakGlass) => void)[] = [];

  constructor(private readonly make: () => BreakGlass) {}

  /** Makes it, the first time, and tells everybody who waits for it. */
  public get(): BreakGlass {
    if (this.made === undefined) {
      this.made = this.make();
      for (const then of this.waiting) then(this.made);
    }
    return this.made;
  }

  /** What depends on it may be made before it, for example a gate. */
  public whenMade(then: (breakGlass: BreakGlass) => void): void {
    if (this.made === undefined) this.waiting.push(then);
    else then(this.made);
  }
}
