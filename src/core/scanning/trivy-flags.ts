/** What Trivy looks for. */
export type Scanner = 'vuln' | 'secret' | 'misconfig';

/** The inputs of a scan. Paths are relative to the folder that Trivy starts in. */
export interface TrivyScan {
  readonly scanners: readonly Scanner[];
  /** The normal form of the image, as an OCI layout. */
  readonly input: string;
  readonly cache: string;
  /** The file with `secretConfig()`. */
  readonly secrets: string;
  /** Trivy's own time limit. Its caller kills it later. */
  readonly seconds: number;
}

/**
 * One scan of one normal form, the same on the command line and in a build: an empty cache in memory, the
 * downloaded databases, and no network. Of the checks for configuration files it runs only the Dockerfile
 * check, on the Dockerfile that Trivy derives from the history: others use Git and HTTPS to hosts that a
 * file of the image names (rule 5.1, hermetic scan).
 *
 * `comprehensive`: otherwise Trivy leaves out packages of a language in files that a package database lists,
 * and a forged line in that database hides what it likes. Which files are the distribution's is decided by
 * the accounting.
 */
export function scanFlags({ scanners, input, cache, secrets, seconds }: TrivyScan): string[] {
  const ofConfig = scanners.filter(scanner => scanner !== 'vuln');
  return [
    `--input=${input}`,
    `--cache-dir=${cache}`,
    '--cache-backend=memory',
    '--skip-db-update',
    '--skip-java-db-update',
    '--offline-scan',
    '--skip-check-update',
    '--skip-vex-repo-update',
    '--skip-version-check',
    '--disable-telemetry',
    `--scanners=${scanners.join(',')}`,
    ...(ofConfig.length > 0 ? [`--image-config-scanners=${ofConfig.join(',')}`] : []),
    '--misconfig-scanners=dockerfile',
    `--secret-config=${secrets}`,
    '--format=json',
    '--list-all-pkgs',
    '--detection-priority=comprehensive',
    '--exit-code=0',
    '--no-progress',
    '--ignorefile=none',
    `--timeout=${seconds}s`,
    '--output=report.json',
  ];
}

/** The download of a database before the scan, by a process that never sees the image. */
export function downloadFlags(
  what: 'vulnerabilities' | 'java',
  cache: string,
  repositories: readonly string[],
): string[] {
  return [
    what === 'java' ? '--download-java-db-only' : '--download-db-only',
    `--cache-dir=${cache}`,
    '--no-progress',
    '--skip-version-check',
    '--disable-telemetry',
    ...repositories.map(repository => `--${what === 'java' ? 'java-db' : 'db'}-repository=${repository}`),
  ];
}

/**
 * The report of a scan as an SBOM. `reduceSbom()` keeps the packages and no findings, so most of them are
 * left out here.
 */
export function sbomFlags(cache: string): string[] {
  return [
    '--format=cyclonedx',
    '--severity=UNKNOWN',
    '--output=sbom.cdx.json',
    `--cache-dir=${cache}`,
    'report.json',
  ];
}

/**
 * For the garbage collector of Trivy: Go's own setting gives it a fifth of the CPU time of a scan and more,
 * also of a small image, for which Trivy mostly reads its own checks. The heap may grow to five times of what
 * is in use, and near 2 GiB it is collected as often as needed, since the smallest build has 4 GB.
 *
 * @see https://go.dev/doc/gc-guide
 */
export const SCAN_HEAP = { GOGC: '400', GOMEMLIMIT: '2GiB' } as const;

/**
 * Where secrets are searched. `APPLICATION` skips files of distributions and language runtimes: they take
 * most time.
 */
export const SecretSearch = { application: 'APPLICATION', everywhere: 'EVERYWHERE' } as const;
export type SecretSearch = (typeof SecretSearch)[keyof typeof SecretSearch];

/**
 * Trivy's rules that skip secrets in some places of an image (0.74:
 * `pkg/fanal/secret/builtin-allow-rules.go`).
 */
export const ALLOW_RULES = {
  /** Places that also contain files of applications. */
  application: ['dist-info', 'examples', 'locale-dir', 'markdown', 'tests', 'vendor'],
  distribution: ['anaconda-log', 'golang', 'node.js', 'python', 'rubygems', 'usr-dirs', 'wordpress'],
} as const;

/**
 * Trivy's `--secret-config`, as YAML. It skips no file by its name, since the builder of an image chooses
 * the names. Trivy skips a file of the image that has the name of this configuration, so nobody may know
 * that name when the image is built.
 */
export function secretConfig(search: SecretSearch): string {
  const off = [
    ...ALLOW_RULES.application,
    ...(search === SecretSearch.everywhere ? ALLOW_RULES.distribution : []),
  ];
  return JSON.stringify({ 'skip-patterns': [], 'disable-allow-rules': off });
}
