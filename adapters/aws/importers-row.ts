import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { VersionedRow } from './versioned-row';
import {
  Importers,
  IMPORTERS_KEY,
  NO_IMPORTERS,
  withNote,
  type ImporterNote,
} from '../../src/core/sharing/importers';

/** The stacks of other apps that ask this trust, in one row of the register. */
export class ImportersRow {
  private readonly row: VersionedRow<Importers>;

  constructor(table: string, client?: DynamoDBClient) {
    this.row = new VersionedRow(
      table,
      IMPORTERS_KEY,
      item => Importers.safeParse(item).data ?? NO_IMPORTERS,
      client,
    );
  }

  /** Throws if nobody knows. */
  public async load(): Promise<Importers> {
    const item = await this.row.load();
    return item === undefined ? NO_IMPORTERS : Importers.parse(item);
  }

  public async note(note: ImporterNote, sentAt: Date): Promise<void> {
    await this.row.change(importers => ({ row: withNote(importers, note, sentAt) }));
  }
}
