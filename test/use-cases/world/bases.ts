import type { Interruptions } from './interruptions';
import { KnownBases, NO_BASES, withBase, type KnownBase } from '../../../src/core/bases/known-bases';
import type { Enrolment } from '../../../src/core/image/enrolment';

/** The row of the images of base repositories. */
export class MemoryBases {
  public row: KnownBases = NO_BASES;

  constructor(
    private readonly interruptions: Interruptions,
    public readonly repositories: Enrolment,
  ) {}

  public async load(): Promise<KnownBases> {
    await this.interruptions.before('bases.load');
    return KnownBases.parse(structuredClone(this.row));
  }

  public async remember(base: KnownBase): Promise<void> {
    await this.interruptions.before('bases.remember');
    this.row = withBase(this.row, structuredClone(base));
  }
}
