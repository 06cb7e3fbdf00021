/**
 * Fingerprints by the time at which they were first seen. Nearly all share a few times, so this is small even
 * for 60,000 findings.
 */
export type FirstSeen = Record<string, string[]>;

/** What was there before keeps its time; what is new gets the scan's. What vanished is dropped. */
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
