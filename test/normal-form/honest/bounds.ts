import type { HonestImage } from './images';
import type { Scanned } from './scan';

/** The smallest build has 3 GB, and Trivy needs most of it. */
const READER_MEBIBYTES = 256;
/** Beside Trivy alone. */
const MOST_RATIO = 1.2;
/** Of a scan that takes longer than `SHORT`, the ratio counts; of others, the difference. */
const SHORT = 5;
const MOST_SECONDS_MORE = 1;

const NOWHERE = /(?!)/;

/** What an honest image must not show. */
export function wrongIn(
  scanned: Scanned,
  { more = NOWHERE, known = [] }: Pick<HonestImage, 'more' | 'known'> = {},
): string[] {
  const { accounting, findings, read, scan, account, bare } = scanned;
  const steps = [read, scan, account];
  const [clock, processor] = [
    over(bare.seconds, sum(steps.map(({ seconds }) => seconds))),
    over(bare.ofProcessor, sum(steps.map(({ ofProcessor }) => ofProcessor))),
  ];
  const memory = Math.max(read.mebibytes, account.mebibytes);
  return [
    ...accounting.notCovered
      .filter(({ path }) => !known.includes(path))
      .map(({ path, kind, detail }) => `not covered: ${path} (${kind}): ${detail}`),
    ...known
      .filter(path => !accounting.notCovered.some(each => each.path === path))
      .map(path => `covered now: ${path}; take it out of images.ts and docs/limits.md`),
    ...findings.lost.map(each => `lost: ${each}`),
    ...findings.gained
      .filter(({ path = '' }) => !more.test(path))
      .map(({ text }) => `found by us alone: ${text}`),
    // one alone is of the moment
    ...(clock !== undefined && processor !== undefined
      ? [`it took ${clock} by the clock, and ${processor} of the processors`]
      : []),
    ...(memory > READER_MEBIBYTES ? [`the reader had ${memory} MiB, allowed: ${READER_MEBIBYTES}`] : []),
  ];
}

function over(bare: number, ours: number): string | undefined {
  const most = bare < SHORT ? bare + MOST_SECONDS_MORE : bare * MOST_RATIO;
  if (ours <= most) return undefined;
  return `${ours.toFixed(1)} s, allowed: ${most.toFixed(1)}, beside Trivy alone with ${bare.toFixed(1)} s`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
