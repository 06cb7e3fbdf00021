import { createHash, createPublicKey, verify, type KeyObject } from 'crypto';
import { failed, ok, type Result } from '../result';

/**
 * A key whose signatures are accepted. The verifier pins it. A signature cannot choose its key.
 */
export interface VerificationKey {
  /** Its name in messages: an ARN, or the file that contains it. */
  readonly name: string;
  readonly publicKey: KeyObject;
  /** After a rotation: its signatures are not accepted after this time. */
  readonly acceptedUntil?: Date;
}

/**
 * @param spki PEM text, or the DER bytes that AWS KMS answers. Only ECDSA on P-256: the algorithm is pinned
 * with the key.
 */
export function readVerificationKey(
  name: string,
  spki: string | Uint8Array,
  acceptedUntil?: Date,
): Result<VerificationKey, string> {
  try {
    if (typeof spki === 'string' && !spki.includes('-----BEGIN PUBLIC KEY-----')) {
      return failed(`the key ${name} is not a public key, allowed: SPKI as PEM or DER`);
    }
    const publicKey =
      typeof spki === 'string'
        ? createPublicKey(spki)
        : createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const curve = publicKey.asymmetricKeyDetails?.namedCurve;
    if (curve !== 'prime256v1') {
      return failed(
        `the key ${name} is of the kind ${curve ?? publicKey.asymmetricKeyType}, allowed: ECDSA on P-256 (ECC_NIST_P256)`,
      );
    }
    return ok({ name, publicKey, ...(acceptedUntil !== undefined && { acceptedUntil }) });
  } catch {
    return failed(`the key ${name} is not a public key, allowed: SPKI as PEM or DER`);
  }
}

/** Why signatures of this key are no longer accepted, or undefined if they are. */
export function whyReplaced({ name, acceptedUntil }: VerificationKey, now: Date): string | undefined {
  if (acceptedUntil === undefined || acceptedUntil > now) return undefined;
  return `the key ${name} was replaced, and accepted until ${Number.isNaN(acceptedUntil.getTime()) ? 'no time' : acceptedUntil.toISOString()}`;
}

/**
 * The key hint that cosign writes into a bundle, `base64(sha256(SPKI))`. Verifiers with the key ignore it.
 */
export function keyHint({ publicKey }: VerificationKey): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/**
 * Whether this key signed these bytes: ECDSA with SHA-256, the signature as ASN.1 DER, as AWS KMS and cosign
 * write it.
 */
export function isSignedBy(
  { publicKey }: VerificationKey,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify('sha256', bytes, { key: publicKey, dsaEncoding: 'der' }, signature);
}
