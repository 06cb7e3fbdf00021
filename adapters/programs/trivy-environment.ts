import { SCAN_HEAP, type Scanner, type SecretSearch } from '../../src/core/scanning/trivy-flags';

/**
 * Which Trivy judges like the deployed scans: reports of before say other things, and those of another major
 * version may.
 */
export const SUPPORTED_TRIVY = { from: '0.74.0', below: '1.0.0' } as const;

export interface TrivyOptions {
  /** Where its databases lie; of all else that is there a scan sees nothing. */
  readonly cache: string;
  readonly scanners: readonly Scanner[];
  readonly secretSearch: SecretSearch;
  readonly databases: Databases;
  readonly seconds: number;
}

export type Database = 'vulnerabilities' | 'java';

/**
 * Where the databases are downloaded from, none for where Trivy looks by itself; and which are used as they
 * lie in the cache.
 */
export interface Databases extends Readonly<Record<Database, readonly string[]>> {
  readonly kept: readonly Database[];
}

/**
 * What reaches programs that talk to registries. All else could change what Trivy reports: `TRIVY_*` does
 * (rule 5.1, hermetic scan).
 */
export const KEPT_VARIABLES = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  // beyond a build's: how people log in to registries. Helpers of Docker's need PATH and HOME
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'DOCKER_CONFIG',
  'PATH',
  'HOME',
  'SystemRoot',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'PATHEXT',
  'TEMP',
  'TMP',
  'TMPDIR',
] as const;

export function cleanEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    KEPT_VARIABLES.flatMap(name => {
      const value = environment[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/** A port at which nobody listens: what asks for a proxy asks nobody. */
const DEAD_END = 'http://127.0.0.1:9';

/**
 * What reaches a scan, which looks at a stranger's files: no login, no network, no other program, a folder of
 * its own for a home, and the heap of a build. Windows starts nothing without SystemRoot.
 */
export function scanEnvironment(
  { SystemRoot: root }: Readonly<Record<string, string | undefined>>,
  home: string,
): Record<string, string> {
  const proxies = Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'].map(name => [name, DEAD_END]),
  );
  return {
    ...proxies,
    ...SCAN_HEAP,
    HOME: home,
    USERPROFILE: home,
    ...(root !== undefined && { SystemRoot: root }),
  };
}
