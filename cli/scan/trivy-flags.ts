import type { Scanner } from './options';

/** Which Trivy judges like the deployed scans: reports of before say other things, and those of another major version may. */
export const SUPPORTED_TRIVY = { from: '0.74.0', below: '1.0.0' } as const;

/** What reaches Trivy of the environment. All else could change what it reports: `TRIVY_*` does (rule 5.1). */
export const KEPT_VARIABLES = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN',
  'AWS_REGION', 'AWS_DEFAULT_REGION', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE',
  // beyond a build's: how people log in to registries. Helpers of Docker's need PATH and HOME
  'AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', 'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE',
  'DOCKER_CONFIG', 'PATH', 'HOME', 'SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'TEMP', 'TMP', 'TMPDIR',
] as const;

export interface TrivyOptions {
  /** Where its databases lie; of all else that is there a scan sees nothing. */
  readonly cache: string;
  readonly scanners: readonly Scanner[];
  readonly databaseFlags: readonly string[];
  readonly seconds: number;
}

/** The flags of a deployed scan (src/scanning/buildspec.ts), and `--module-dir`: a home folder may have modules that change findings. */
export function imageFlags({ cache, scanners, databaseFlags, seconds }: TrivyOptions): string[] {
  const configScanners = ['misconfig', 'secret'].filter(each => (scanners as readonly string[]).includes(each));
  return [
    '--cache-backend=memory', `--cache-dir=${cache}`, '--module-dir=modules', `--scanners=${scanners.join(',')}`,
    ...(configScanners.length > 0 ? [`--image-config-scanners=${configScanners.join(',')}`] : []),
    '--format=json', '--list-all-pkgs', '--exit-code=0', '--no-progress', '--skip-version-check', '--disable-telemetry', '--skip-check-update', '--ignorefile=none',
    `--timeout=${seconds}s`, '--output=report.json', ...databaseFlags,
  ];
}

export function cleanEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(KEPT_VARIABLES.flatMap(name => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [[name, value]];
  }));
}
