/**
 * Words of Trivy 0.74 that say whether its database knows a release. Each is a line of its own, from its
 * start to the tab behind the words: attributes, which quote names and versions out of the image, come after
 * it and are escaped. They are POSIX extended regular expressions that JavaScript reads alike, for `grep` in
 * the deployed scan, the command line, and the evaluator.
 *
 * An image can make Trivy write such a line (by the type of an application in an SBOM, which Trivy prints as
 * it is). It gains nothing: a doubt more is a doubt, and the line of the system is there anyway where the
 * report has one.
 */
export const SCANNER_SIGNS = {
  /** `pkg/scan/ospkg`. The doubts come after it, so where it is missing they may be missing too. */
  system: signOf('INFO', 'Detected OS'),
  /** `pkg/detector/ospkg/version`: the release is in no calendar. */
  noCalendar: signOf('WARN', 'This OS version is not on the EOL list'),
  /** `pkg/detector/ospkg`: there are no advisories for such a system. */
  noAdvisories: signOf('WARN', 'Unsupported os'),
  /**
   * `pkg/detector/ospkg/alpine`: it asked about the release that `etc/apk/repositories` names, which may be
   * one that nobody knows.
   */
  otherRelease: signOf('WARN', '\\[alpine\\] Mixing Alpine versions is unsupported'),
} as const;
export type ScannerSign = keyof typeof SCANNER_SIGNS;

/** No sign reaches further into its line. */
export const LONGEST_SIGN = 200;

const PATTERNS = (Object.keys(SCANNER_SIGNS) as ScannerSign[]).map(
  sign => [sign, new RegExp(SCANNER_SIGNS[sign])] as const,
);

function signOf(level: string, words: string): string {
  return `^[0-9TZ:+-]+\t${level}\t${words}\t`;
}

/** What a line says, if it is one of these. */
export function signIn(line: string): ScannerSign | undefined {
  return PATTERNS.find(([, pattern]) => pattern.test(line))?.[0];
}
