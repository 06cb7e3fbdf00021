import type { Interruptions } from './interruptions';
import { imageOf, type ImageName } from '../../../src/core/image/image';
import { newRow, RegisterRow } from '../../../src/core/register/row';
import { toWrite } from '../../../src/core/register/transitions';

type Repository = Parameters<typeof repositoryKey>[0];

/**
 * The register, with what makes it right: strong reads, and writes on the condition that nobody else wrote
 * and no counter goes back.
 */
export class MemoryRegister {
  public readonly rows = new Map<ImageName, RegisterRow>();
  /** Rows of which the schema is known to hold: each is read many times. */
  private readonly valid = new WeakSet<RegisterRow>();

  constructor(private readonly interruptions: Interruptions) {}

  public row(image: ImageName): RegisterRow {
    const stored = this.rows.get(image) ?? newRow(image);
    if (this.valid.has(stored)) return structuredClone(stored);
    return RegisterRow.parse(structuredClone(stored));
  }

  public async load(image: ImageName): Promise<RegisterRow> {
    await this.interruptions.before('register.load');
    return this.row(image);
  }

  public async save(row: RegisterRow, now: Date): Promise<RegisterRow | undefined> {
    await this.interruptions.before('register.save');
    const before = this.rows.get(row.pk) ?? newRow(row.pk);
    const noCounterGoesBack = (['scanSeq', 'policyRevision', 'waiverRevision'] as const).every(
      counter => before[counter] <= row[counter],
    );
    if (before.rowVersion !== row.rowVersion || !noCounterGoesBack) return undefined;
    const written = RegisterRow.parse(structuredClone(toWrite(row, now)));
    if (JSON.stringify(written).length > 8192) throw new Error('the row is too large');
    this.rows.set(row.pk, written);
    this.valid.add(written);
    return structuredClone(written);
  }

  public async *due(now: Date): AsyncIterable<RegisterRow> {
    await this.interruptions.before('register.due');
    const oldest = new Date(now.getTime() - 7 * 86_400_000).toISOString();
    for (const { pk, dueSk } of [...this.rows.values()]) {
      if (dueSk !== undefined && dueSk >= oldest && dueSk <= now.toISOString()) yield this.row(pk);
    }
  }

  public async *all(): AsyncIterable<RegisterRow> {
    for (const { pk } of [...this.rows.values()]) yield this.row(pk);
  }

  public async *rowsOf(repository: Repository): AsyncIterable<RegisterRow> {
    await this.interruptions.before('register.rowsOf');
    for (const { pk } of [...this.rows.values()]) {
      if (repositoryKey(imageOf(pk)) === repositoryKey(repository)) yield this.row(pk);
    }
  }
}

function repositoryKey({
  account,
  region,
  repository,
}: {
  account: string;
  region: string;
  repository: string;
}): string {
  return `${account}.${region}/${repository}`;
}
