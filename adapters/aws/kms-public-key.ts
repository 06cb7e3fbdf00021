import { GetPublicKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { PinnedKeys } from '../../src/core/signing/pinned-keys';
import { readVerificationKey, type VerificationKey } from '../../src/core/signing/verification-key';

const GONE: ReadonlySet<string> = new Set([
  'DisabledException',
  'KMSInvalidStateException',
  'NotFoundException',
]);

/** A key that was disabled or deleted: nothing that it signed is believed, and other keys still count. */
export interface Gone {
  readonly gone: Error;
}

/** The public key behind a pinned ARN. Throws where it may be good and cannot be read now. */
export async function readPublicKey(
  { arn, acceptedUntil }: PinnedKeys[number],
  client: KMSClient,
): Promise<VerificationKey | Gone> {
  try {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: arn }));
    const key = readVerificationKey(
      arn,
      PublicKey!,
      acceptedUntil === undefined ? undefined : new Date(acceptedUntil),
    );
    if (!key.ok) throw new Error(key.error);
    return key.value;
  } catch (error) {
    if (!(error instanceof Error) || !GONE.has(error.name)) throw error;
    return { gone: error };
  }
}
