import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { logger } from './telemetry';
import { PinnedKeys } from '../../src/core/trust/pinned-keys';
import { readVerificationKey, type VerificationKey } from '../../src/core/trust/verification-key';

const GONE: ReadonlySet<string> = new Set(['DisabledException', 'KMSInvalidStateException', 'NotFoundException']);

/** The public keys that a gate pins. An ARN names one key pair for ever, so each is asked for once. */
export class KmsKeys {
  private readonly pinned: PinnedKeys;
  private readonly known = new Map<string, VerificationKey>();

  constructor(document: string, private readonly client = new KMSClient({})) {
    this.pinned = PinnedKeys.parse(JSON.parse(document));
  }

  /** One that was disabled or deleted vouches for nothing, and the others still count. Throws where a key may be good and cannot be read now. */
  public async all(): Promise<VerificationKey[]> {
    const keys = await Promise.all(this.pinned.map(pinned => this.read(pinned)));
    return keys.filter(key => key !== undefined);
  }

  private async read({ arn, acceptedUntil }: PinnedKeys[number]): Promise<VerificationKey | undefined> {
    const known = this.known.get(arn);
    if (known !== undefined) return known;
    try {
      const { PublicKey } = await this.client.send(new GetPublicKeyCommand({ KeyId: arn }));
      const key = readVerificationKey(arn, PublicKey!, acceptedUntil === undefined ? undefined : new Date(acceptedUntil));
      if (!key.ok) throw new Error(key.error);
      this.known.set(arn, key.value);
      return key.value;
    } catch (error) {
      if (!(error instanceof Error) || !GONE.has(error.name)) throw error;
      logger.warn('a pinned key cannot be read, so nothing that it signed is believed', { key: arn, error });
      return undefined;
    }
  }
}
