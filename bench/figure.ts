/** One line of bench/results.json. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The other side of the ratio, and the target. */
  readonly against: string;
}

/** Shows that each figure can still be had. Values that were measured once say nothing. */
export const isQuick = process.argv.includes('--quick');

/** How often something is measured. */
export function rounds(usual: number): number {
  return isQuick ? 1 : usual;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Milliseconds of one round. */
export type Measurement = (round: number) => Promise<number>;

/**
 * The median of one side divided by the median of the other. The sides run in turn, so that load on the
 * machine slows both. `usual` is the number of rounds, behind a cold one.
 */
export async function ratio(usual: number, ours: Measurement, theirs: Measurement): Promise<number> {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round <= rounds(usual); round++) {
    const left = await ours(round);
    const right = await theirs(round);
    if (round === 0) continue; // cold
    a.push(left);
    b.push(right);
  }
  return median(a) / median(b);
}

export async function milliseconds(work: () => unknown): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e6;
}
