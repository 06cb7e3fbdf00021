import { Token } from 'aws-cdk-lib';
import type { IAlias, IKey } from 'aws-cdk-lib/aws-kms';
import type { AdmissionKeyRef } from '../core/admission/admission-rules';
import { readVerificationKey } from '../core/signing/verification-key';

/**
 * A signing key, as programs outside AWS verify with it.
 */
export class AdmissionKey {
  /**
   * The key in AWS KMS, named by its ARN, for example `AdmissionKey.kms(trust.signer.key.key)`. The admission
   * controller fetches the public half itself, and needs `kms:GetPublicKey` and `kms:DescribeKey`:
   * `trust.grantVerify(role)`.
   *
   * Throws for an alias: whoever may move it could name another key.
   */
  public static kms(key: IKey): AdmissionKey {
    if (key === undefined) {
      throw new Error(
        'AdmissionKey.kms() has no key, allowed: a key of AWS KMS, trust.signer.key.key of an ImageTrust of this app; of an imported trust, Key.fromKeyArn() with an ARN of its output TrustedImagesSigningKeys, or AdmissionKey.pem()',
      );
    }
    if (isAlias(key)) {
      throw new Error(
        `the key ${key.node.path} is an alias, which can be moved to another key, allowed: the key itself, for example Key.fromKeyArn() with the ARN that "aws kms describe-key" prints`,
      );
    }
    return new AdmissionKey({ kms: key.keyArn });
  }

  /**
   * The public half, as PEM: `openssl pkey -pubin` prints it from what `aws kms get-public-key` answers. Then
   * no access to AWS KMS is needed. It stays accepted until it is removed here, also if the key in AWS KMS is
   * disabled. Throws if it is not a public key on P-256.
   */
  public static pem(publicKey: string): AdmissionKey {
    if (Token.isUnresolved(publicKey)) {
      throw new Error(
        'the public key is a token, allowed: its PEM text, or AdmissionKey.kms() for a key in AWS KMS',
      );
    }
    const read = readVerificationKey('of AdmissionKey.pem()', publicKey);
    if (!read.ok) throw new Error(read.error);
    return new AdmissionKey({ pem: publicKey });
  }

  private constructor(private readonly reference: AdmissionKeyRef) {}

  /** @internal */
  public _reference(): AdmissionKeyRef {
    return this.reference;
  }
}

/** The ARN of an alias is used as the ARN of its key by the CDK, so a name tells them apart. */
function isAlias(key: IKey): boolean {
  return (key as Partial<IAlias>).aliasName !== undefined || key.keyArn.includes(':alias/');
}
