/**
 * Fingerprints by the time of the scan that had them first. Few times differ: it is small for 60,000
 * findings too.
 */
export type FirstSeen = Record<string, string[]>;

/**
 * A known fingerprint keeps its time, a new one gets the time of the scan. One that is not found is
 * dropped.
 */
export function firstSeen(
  fingerprints: readonly string[],
  previous: FirstSeen | undefined,
  scannedAt: string,
): FirstSeen {
  const known = previous === undefined ? new Map<string, string>() : timeOf(previous);
  const result: FirstSeen = {};
  for (const fingerprint of fingerprints) {
    (result[known.get(fingerprint) ?? scannedAt] ??= []).push(fingerprint);
  }
  return result;
}

export function timeOf(seen: FirstSeen): Map<string, string> {
  const times = new Map<string, string>();
  for (const [time, fingerprints] of Object.entries(seen)) {
    for (const fingerprint of fingerprints) times.set(fingerprint, time);
  }
  return times;
}
