import { KMSClient } from '@aws-sdk/client-kms';
import { KmsKeys } from './kms-keys';
import { EnvironmentName } from '../../src/core/environment';
import { accessRemedy } from '../../src/core/sharing/remedy';

const owner = process.env[EnvironmentName.trustOwner];
const region = owner?.split('.')[1];

/** For clients of what belongs to the trust. Without a value, it is in the region of the function. */
export const ofTrust: { readonly region?: string } = region === undefined ? {} : { region };

/** What to do if a trust of another app does not answer a gate. Undefined for a trust of the same app. */
export function remedyFor(stackId: string): string | undefined {
  return owner === undefined ? undefined : accessRemedy(owner, stackId.split(':')[4] ?? 'of this stack');
}

/** By their document: public keys are fetched once. */
const known = new Map<string, KmsKeys>();

/**
 * The keys that the template of the function names. If it names none, those that were read for this
 * deployment.
 */
export function pinnedKeys(readNow: string | undefined): KmsKeys {
  const document = process.env[EnvironmentName.pinnedKeys] ?? readNow;
  if (document === undefined) {
    throw new Error('no signing key is pinned: deploy the gate by its construct');
  }
  const keys = known.get(document) ?? new KmsKeys(document, new KMSClient(ofTrust));
  known.set(document, keys);
  return keys;
}
