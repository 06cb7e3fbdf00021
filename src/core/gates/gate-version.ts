import { quoted } from '../text/plain-text';

/**
 * What a resource and its gate agree on. They may be of two versions of this library: the gate is deployed
 * with its trust, and a resource with its app. It changes where an earlier gate would misread a resource.
 */
export const GATE_SCHEMA_VERSION = '1';

/** Why a gate of this version does not read a resource, and which to upgrade; undefined if it does. */
export function whyUnknownVersion(given: unknown): string | undefined {
  if (given === GATE_SCHEMA_VERSION) return undefined;
  const isNewer = Number(given) > Number(GATE_SCHEMA_VERSION);
  const fix = isNewer
    ? 'deploy the stack of the gate with the version of cdk-trusted-images that this app has'
    : 'deploy this app with the version of cdk-trusted-images that its gate has';
  return `the resource has the SchemaVersion ${quoted(String(given), 40)}, and its gate reads ${JSON.stringify(GATE_SCHEMA_VERSION)}: ${fix}`;
}
