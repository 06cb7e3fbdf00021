/**
 * Log lines of Trivy 0.74 that say what it could not look up in its database. Each pattern covers a line from
 * its start to the tab after the words. The attributes after it quote names and versions of the image, and
 * are escaped. The patterns are regular expressions that Go and JavaScript read alike: the scan program,
 * the command line and the evaluator use them.
 *
 * An image can make Trivy write such a line (by the type of an application in an SBOM, which Trivy prints
 * unchanged). It gains nothing: a warning only adds doubt, and the line of the system is there anyway if
 * the report has a system.
 */
export const SCANNER_SIGNS = {
  /** `pkg/scan/ospkg`. The warnings follow it: if it is missing, they may be missing too. */
  system: signOf('INFO', 'Detected OS'),
  /** `pkg/detector/ospkg/version`: the release is in no calendar. */
  noCalendar: signOf('WARN', 'This OS version is not on the EOL list'),
  /** `pkg/detector/ospkg`: the database has no advisories for the system. */
  noAdvisories: signOf('WARN', 'Unsupported os'),
  /**
   * `pkg/detector/ospkg/alpine`: it used the release that `etc/apk/repositories` names, which may be
   * unknown.
   */
  otherRelease: signOf('WARN', '\\[alpine\\] Mixing Alpine versions is unsupported'),
  /**
   * `pkg/detector/library/compare`: there are advisories for a package, and its version cannot be compared
   * with them. A broken advisory is a "constraint error", and no fault of the image. The first 60 characters
   * of the version are part of the sign, so that they can be named.
   */
  uncomparedVersion: `${signOf('WARN', 'Version matching error')}err="([A-Za-z]+ )?version error \\([^)]{0,60}`,
} as const;
/**
 * What Trivy says of a registry that answers 429, by its code or by its status, or of a cache whose upstream
 * registry does. Go reads it too.
 * https://github.com/aquasecurity/trivy-action/issues/389
 */
export const THROTTLED = 'TOOMANYREQUESTS|429 Too Many Requests|upstream registry pull rate limit';

export type ScannerSign = keyof typeof SCANNER_SIGNS;

/** No pattern reaches further into its line. */
export const LONGEST_SIGN = 200;

const PATTERNS = (Object.keys(SCANNER_SIGNS) as ScannerSign[]).map(
  sign => [sign, new RegExp(SCANNER_SIGNS[sign])] as const,
);

function signOf(level: string, words: string): string {
  return `^[0-9TZ:+-]+\t${level}\t${words}\t`;
}

/** Which of these a line is, if any. */
export function signIn(line: string): ScannerSign | undefined {
  return PATTERNS.find(([, pattern]) => pattern.test(line))?.[0];
}
