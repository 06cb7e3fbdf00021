import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { VersionedRow } from './versioned-row';
import {
  askBrake,
  BRAKE_KEY,
  BrakeState,
  NO_BRAKE,
  NONE_PASSED,
  PASSED_KEY,
  PassedImages,
  pulledNow,
  withFailed,
  withPassed,
  withRelease,
  type BrakeRelease,
  type Pulled,
} from '../../src/core/register/revocation-brake';

/** The brake on revocations, in one row of the register (0044). What cannot be read holds nothing. */
export class RevocationBrakeRow {
  private readonly row: VersionedRow<BrakeState>;

  constructor(table: string, client?: DynamoDBClient) {
    this.row = new VersionedRow(table, BRAKE_KEY, readState, client);
  }

  public async load(): Promise<BrakeState> {
    return readState(await this.row.load());
  }

  public async pulled(now: Date): Promise<Pulled | undefined> {
    return pulledNow(await this.load(), now);
  }

  public async count(failed: Parameters<typeof withFailed>[1], now: Date): Promise<void> {
    await this.row.change(state => ({ row: withFailed(state, failed, now) }));
  }

  /** Pulls it, if it is not pulled yet. */
  public async ask(question: Parameters<typeof askBrake>[1], now: Date): Promise<Pulled | undefined> {
    const asked = await this.row.change(state => {
      const { state: row, pulled } = askBrake(state, question, now);
      return { row, pulled };
    });
    return asked.pulled;
  }

  /** Undefined: it holds nothing. */
  public async release(by: Parameters<typeof withRelease>[1], now: Date): Promise<BrakeRelease | undefined> {
    const changed = await this.row.change(state => {
      const released = withRelease(state, by, now);
      return { row: released?.state ?? state, release: released?.release };
    });
    return changed.release;
  }
}

/** How many images of each repository passed, in a row of its own: reconcile writes it, and holds nothing. */
export class PassedImagesRow {
  private readonly row: VersionedRow<PassedImages>;

  constructor(table: string, client?: DynamoDBClient) {
    this.row = new VersionedRow(table, PASSED_KEY, readPassed, client);
  }

  public async load(): Promise<PassedImages> {
    return readPassed(await this.row.load());
  }

  public async count(counted: Parameters<typeof withPassed>[1], now: Date): Promise<void> {
    await this.row.change(passed => ({ row: withPassed(passed, counted, now) }));
  }
}

function readState(item: unknown): BrakeState {
  return BrakeState.safeParse(item).data ?? NO_BRAKE;
}

function readPassed(item: unknown): PassedImages {
  return PassedImages.safeParse(item).data ?? NONE_PASSED;
}
