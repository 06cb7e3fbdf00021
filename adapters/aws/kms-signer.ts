import { createHash } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { readVerificationKey, type VerificationKey } from '../../src/core/signing/verification-key';

/** The one key that vouches for images. Its own policy lets only the signer's role use it. */
export class KmsSigner {
  private known: VerificationKey | undefined;

  constructor(
    private readonly arn: string,
    private readonly client = new KMSClient({}),
  ) {}

  /** An ARN names one key pair for ever, so it is fetched once. */
  public async key(): Promise<VerificationKey> {
    if (this.known !== undefined) return this.known;
    const { PublicKey } = await this.client.send(new GetPublicKeyCommand({ KeyId: this.arn }));
    const key = readVerificationKey(this.arn, PublicKey!);
    if (!key.ok) throw new Error(key.error);
    return (this.known = key.value);
  }

  /**
   * ECDSA over the SHA-256 of these bytes, as ASN.1 DER. A digest is sent, since KMS takes no more than 4,096
   * bytes of a message.
   */
  public async sign(bytes: Uint8Array): Promise<Uint8Array> {
    const { Signature } = await this.client.send(
      new SignCommand({
        KeyId: this.arn,
        Message: createHash('sha256').update(bytes).digest(),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    return Signature!;
  }
}
