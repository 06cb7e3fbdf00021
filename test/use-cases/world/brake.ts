import type { Interruptions } from './interruptions';
import {
  askBrake,
  NO_BRAKE,
  NONE_PASSED,
  pulledNow,
  withFailed,
  withPassed,
  withRelease,
  type Pulled,
} from '../../../src/core/register/revocation-brake';

/** The two rows of the brake, as the adapter keeps them. */
export class MemoryBrake {
  public state = NO_BRAKE;
  public passed = NONE_PASSED;

  constructor(
    private readonly percent: number,
    private readonly interruptions: Interruptions,
  ) {}

  public async ask(repository: string, now: Date): Promise<Pulled | undefined> {
    await this.interruptions.before('brake.ask');
    const { percent, passed } = this;
    const { state, pulled } = askBrake(this.state, { repository, percent, passed }, now);
    this.state = state;
    return pulled;
  }

  public async pulled(now: Date): Promise<Pulled | undefined> {
    await this.interruptions.before('brake.pulled');
    return pulledNow(this.state, now);
  }

  public async count(failed: Parameters<typeof withFailed>[1], now: Date): Promise<void> {
    await this.interruptions.before('brake.count');
    this.state = withFailed(this.state, failed, now);
  }

  public async countPassed(counted: Parameters<typeof withPassed>[1], now: Date): Promise<void> {
    await this.interruptions.before('brake.countPassed');
    this.passed = withPassed(this.passed, counted, now);
  }

  public release(by: Parameters<typeof withRelease>[1], now: Date): void {
    this.state = withRelease(this.state, by, now)?.state ?? this.state;
  }
}
