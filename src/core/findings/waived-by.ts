import type { Verdict } from '../evidence/verdict';

/** Who accepted a finding, and until when. */
export interface WaivedBy {
  /** The owner of the waiver, or its key if the verdict does not list the waiver. */
  readonly who: string;
  readonly lastDay?: string;
}

/**
 * By fingerprint. A verdict names all waived findings, and details 500 of them. The details of one finding of
 * a waiver hold for its other findings.
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
