import { createHash } from 'node:crypto';
import { KMS } from '@aws-sdk/client-kms';
import { readVerificationKey, type VerificationKey } from '../../src/core/signing/verification-key';
import type { CloudDescription } from '../cloud/description';

/** The public key of a verifier, in each form. */
export interface PublicKey {
  /** With `alias/`. */
  readonly alias: string;
  readonly verification: VerificationKey;
}

/** A key of an attacker, or an earlier or later key of ours. It signs any input. */
export interface SigningKeyPair extends PublicKey {
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** What `cosign.pub` holds. */
export function pemOf({ verification }: PublicKey): string {
  return verification.publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

export async function publicKeyOf(cloud: CloudDescription, alias: string): Promise<PublicKey> {
  const { PublicKey: spki } = await kms(cloud).getPublicKey({ KeyId: alias });
  const key = readVerificationKey(alias, spki!);
  if (!key.ok) throw new Error(key.error);
  return { alias, verification: key.value };
}

/** With the policy that KMS gives by default, so the administrator may sign with it. */
export async function makeKeyPair(cloud: CloudDescription, alias: string): Promise<SigningKeyPair> {
  const { KeyMetadata } = await kms(cloud).createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  await kms(cloud).createAlias({ AliasName: alias, TargetKeyId: KeyMetadata!.KeyId });
  return {
    ...(await publicKeyOf(cloud, alias)),
    sign: async bytes => {
      const { Signature } = await kms(cloud).sign({
        KeyId: alias,
        Message: createHash('sha256').update(bytes).digest(),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
      return Signature!;
    },
  };
}

function kms({ endpoint, region, credentials }: CloudDescription): KMS {
  return new KMS({ endpoint, region, credentials });
}
