import { SCAN_HEAP } from './trivy-flags';

/**
 * The environment variables of programs that use a registry, in a build and on the command line, and no
 * others: `TRIVY_*` variables, and others that a project may set, would change the report (rule 5.1, hermetic
 * scan).
 */
export const REGISTRY_VARIABLES = [
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
] as const;

/** A port at which nobody listens: what asks for a proxy asks nobody. */
const DEAD_END = 'http://127.0.0.1:9';

/** What programs get that look at a stranger's files: the heap of a scan, and proxies that lead nowhere. */
export const HERMETIC_VARIABLES = {
  ...SCAN_HEAP,
  HTTP_PROXY: DEAD_END,
  HTTPS_PROXY: DEAD_END,
  http_proxy: DEAD_END,
  https_proxy: DEAD_END,
  ALL_PROXY: DEAD_END,
} as const;
