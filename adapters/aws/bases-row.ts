import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { VersionedRow } from './versioned-row';
import { BASES_KEY, KnownBases, NO_BASES, withBase, type KnownBase } from '../../src/core/bases/known-bases';
import { Enrolment } from '../../src/core/image/enrolment';

/** The images of base repositories that were judged, in one row of the register. */
export class BasesRow {
  private readonly row: VersionedRow<KnownBases>;

  /** @param repositories whose images are base images */
  constructor(
    table: string,
    public readonly repositories: Enrolment = [],
    client?: DynamoDBClient,
  ) {
    this.row = new VersionedRow(
      table,
      BASES_KEY,
      // what cannot be read is forgotten: the next verdict of each remembers it again
      item => KnownBases.safeParse(item).data ?? NO_BASES,
      client,
    );
  }

  /** Throws if they cannot be read. */
  public async load(): Promise<KnownBases> {
    const item = await this.row.load();
    return item === undefined ? NO_BASES : KnownBases.parse(item);
  }

  public async remember(base: KnownBase): Promise<void> {
    await this.row.change(bases => ({ row: withBase(bases, base) }));
  }
}

/** @param repositories as the template passes them, if any */
export function basesOf(table: string, repositories: string | undefined): BasesRow | undefined {
  return repositories === undefined
    ? undefined
    : new BasesRow(table, Enrolment.parse(JSON.parse(repositories)));
}
