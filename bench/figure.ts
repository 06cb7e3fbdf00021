/** One line of bench/results.json. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The other side of the ratio, and the target. */
  readonly against: string;
}

/** Shows that each figure can still be measured. Values of one cold round on a small input say nothing. */
export const isQuick = process.argv.includes('--quick');

/** How many findings a report has. */
export function findings(usual: number): number {
  return isQuick ? usual / 10 : usual;
}

/** Measures as often as usual after a cold round, which does not count. The quick run has only that one. */
export async function repeat<T>(usual: number, measure: (round: number) => Promise<T>): Promise<T[]> {
  const measured = [await measure(0)];
  if (isQuick) return measured;
  for (let round = 1; round <= usual; round++) measured.push(await measure(round));
  return measured.slice(1);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Milliseconds of one round. */
export type Measurement = () => Promise<number>;

/**
 * The median of one side divided by the median of the other. The sides run in turn, so that load on the
 * machine slows both.
 */
export async function ratio(usual: number, ours: Measurement, theirs: Measurement): Promise<number> {
  const times = await repeat(usual, async () => ({ ours: await ours(), theirs: await theirs() }));
  return median(times.map(time => time.ours)) / median(times.map(time => time.theirs));
}

export async function milliseconds(work: () => unknown): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e6;
}
