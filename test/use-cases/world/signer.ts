import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Interruptions } from './interruptions';
import { readVerificationKey, type VerificationKey } from '../../../src/core/signing/verification-key';

/** AWS KMS as far as a signer needs it: ECDSA on P-256, over the SHA-256 of what it is given. */
export class MemorySigner {
  /** The key that signs now. */
  public current: VerificationKey;
  /** What KMS answers to kms:Sign, where it refuses. */
  public refuses?: Error;
  /** How often it signed. */
  public signed = 0;
  private readonly secrets = new Map<VerificationKey, KeyObject>();

  constructor(private readonly interruptions: Interruptions) {
    this.current = this.make();
  }

  /** From now on another key signs. Answers the one that signed before. */
  public rotate(to = this.make()): VerificationKey {
    const former = this.current;
    this.current = to;
    return former;
  }

  public async key(): Promise<VerificationKey> {
    await this.interruptions.before('signer.key');
    return this.current;
  }

  public async sign(bytes: Uint8Array): Promise<Uint8Array> {
    await this.interruptions.before('signer.sign');
    if (this.refuses !== undefined) throw this.refuses;
    this.signed += 1;
    return sign('sha256', bytes, { key: this.secrets.get(this.current)!, dsaEncoding: 'der' });
  }

  private make(): VerificationKey {
    const { key, secret } = (KEYS[this.secrets.size] ??= newKey(this.secrets.size + 1));
    this.secrets.set(key, secret);
    return key;
  }
}

interface Pair {
  readonly key: VerificationKey;
  readonly secret: KeyObject;
}

/** Every world's first key is the same, and so on: thousands of worlds are made, and none meets another. */
const KEYS: Pair[] = [];

function newKey(number: number): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = readVerificationKey(
    `arn:aws:kms:us-east-1:000000000000:key/${number}`,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  if (!key.ok) throw new Error(key.error);
  return { key: key.value, secret: privateKey };
}
