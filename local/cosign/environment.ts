import { cloudEnvironment, CloudDescription } from '../cloud/description';

/**
 * A port that nobody may listen on without being root, and nobody does. Go asks no proxy for what is on
 * loopback.
 */
const NO_WAY_OUT = 'http://127.0.0.1:9';

/**
 * The whole environment of cosign: the cloud, a home of its own, and nothing of this machine's: no login to a
 * registry, no trust root of an earlier run. On the embedded cloud Sigstore's servers cannot be reached, so
 * an answer that needed them shows as a failure.
 */
export function cosignEnvironment(cloud: CloudDescription, home: string): Record<string, string> {
  return {
    ...cloudEnvironment(cloud),
    HOME: home,
    TMPDIR: home,
    ...(cloud.endpoint !== undefined && { HTTP_PROXY: NO_WAY_OUT, HTTPS_PROXY: NO_WAY_OUT }),
  };
}
