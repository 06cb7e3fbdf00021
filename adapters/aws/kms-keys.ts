import { KMSClient } from '@aws-sdk/client-kms';
import { readPublicKey } from './kms-public-key';
import { logger } from './telemetry';
import { readPinnedKeys, type PinnedKeys } from '../../src/core/signing/pinned-keys';
import type { VerificationKey } from '../../src/core/signing/verification-key';

/** The public keys that a gate pins. An ARN names one key pair for ever, so each is fetched once. */
export class KmsKeys {
  private readonly pinned: PinnedKeys;
  private readonly known = new Map<string, VerificationKey>();

  constructor(
    document: string,
    private readonly client = new KMSClient({}),
  ) {
    this.pinned = readPinnedKeys(document);
  }

  /**
   * One that was disabled or deleted vouches for nothing, and the others still count. Throws where a key may
   * be good and cannot be read now.
   */
  public async all(): Promise<VerificationKey[]> {
    const keys = await Promise.all(this.pinned.map(pinned => this.read(pinned)));
    return keys.filter(key => key !== undefined);
  }

  private async read(pinned: PinnedKeys[number]): Promise<VerificationKey | undefined> {
    const known = this.known.get(pinned.arn);
    if (known !== undefined) return known;
    const key = await readPublicKey(pinned, this.client);
    if ('gone' in key) {
      logger.warn('a pinned key cannot be read, so nothing that it signed is believed', {
        key: pinned.arn,
        error: key.gone,
      });
      return undefined;
    }
    this.known.set(pinned.arn, key);
    return key;
  }
}
