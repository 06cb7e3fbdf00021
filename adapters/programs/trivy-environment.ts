import { HERMETIC_VARIABLES, REGISTRY_VARIABLES } from '../../src/core/scanning/scan-environment';
import type { Scanner, SecretSearch } from '../../src/core/scanning/trivy-flags';

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
 * What reaches programs that talk to registries: beyond a build's, how people log in to registries. The
 * helpers of Docker need PATH and HOME.
 */
export const KEPT_VARIABLES = [
  ...REGISTRY_VARIABLES,
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

/**
 * What reaches a scan, which looks at a stranger's files: no login, no network, no other program, a folder of
 * its own for a home, and the heap of a build. Windows starts nothing without SystemRoot.
 */
export function scanEnvironment(
  { SystemRoot: root }: Readonly<Record<string, string | undefined>>,
  home: string,
): Record<string, string> {
  return {
    ...HERMETIC_VARIABLES,
    HOME: home,
    USERPROFILE: home,
    ...(root !== undefined && { SystemRoot: root }),
  };
}
