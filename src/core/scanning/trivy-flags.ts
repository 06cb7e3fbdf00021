/** What Trivy is told to look for. */
export type Scanner = 'vuln' | 'secret' | 'misconfig';

/** Where its scan finds things, seen from the folder that it starts in. */
export interface TrivyScan {
  readonly scanners: readonly Scanner[];
  /** The normal form of the image, as an OCI layout. */
  readonly input: string;
  readonly cache: string;
  /** The file with `secretConfig()`. */
  readonly secrets: string;
  /** Trivy's own end; whoever runs it has a harder one. */
  readonly seconds: number;
}

/**
 * One scan of one normal form, on the command line and in a build alike: an empty cache in memory, what was
 * downloaded before, and no network. Of the checks for configuration files only that of the Dockerfile, which
 * Trivy makes of the history: others run Git and HTTPS to hosts that a file of the image names (rule 5.1,
 * hermetic scan).
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
    '--exit-code=0',
    '--no-progress',
    '--ignorefile=none',
    `--timeout=${seconds}s`,
    '--output=report.json',
  ];
}

/**
 * What has to be there before the scan: it is fetched by a process of its own, which never sees the image.
 */
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
 * Where secrets are searched. `APPLICATION` leaves out what distributions and language runtimes bring along,
 * which takes most of the time.
 */
export const SecretSearch = { application: 'APPLICATION', everywhere: 'EVERYWHERE' } as const;
export type SecretSearch = (typeof SecretSearch)[keyof typeof SecretSearch];

/**
 * Trivy's rules that allow secrets in some places of an image (0.74:
 * `pkg/fanal/secret/builtin-allow-rules.go`).
 */
export const ALLOW_RULES = {
  /** Where people put their own files too. */
  application: ['dist-info', 'examples', 'locale-dir', 'markdown', 'tests', 'vendor'],
  distribution: ['anaconda-log', 'golang', 'node.js', 'python', 'rubygems', 'usr-dirs', 'wordpress'],
} as const;

/**
 * Trivy's `--secret-config`, as YAML. It skips no file by its name: whoever builds an image names its files.
 * Trivy leaves out a file of the image that is called like this configuration, so its name must be one that
 * nobody knew when the image was built.
 */
export function secretConfig(search: SecretSearch): string {
  const off = [
    ...ALLOW_RULES.application,
    ...(search === SecretSearch.everywhere ? ALLOW_RULES.distribution : []),
  ];
  return JSON.stringify({ 'skip-patterns': [], 'disable-allow-rules': off });
}
