import type { Verdict } from '../evidence/verdict';

/** Who accepted a finding, and until when. */
export interface WaivedBy {
  /** The owner of the waiver; its key where the verdict has no room for what it says. */
  readonly who: string;
  readonly lastDay?: string;
}

/**
 * By fingerprint. A verdict names all that it waives, and tells of 500: what it says of one finding of a
 * waiver holds for the others.
 */
export function waivedBy({
  waived,
  waivedBy: fingerprints,
}: Pick<Verdict, 'waived' | 'waivedBy'>): Map<string, WaivedBy> {
  const told = new Map(
    waived.map(({ waiver: { key, owner, until } }) => [key, { who: owner, lastDay: until.slice(0, 10) }]),
  );
  const of = (key: string, each: readonly string[]) =>
    each.map(fingerprint => [fingerprint, told.get(key) ?? { who: key }] as const);
  return new Map(Object.entries(fingerprints).flatMap(([key, each]) => of(key, each)));
}
