import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { CfnKey, KeySpec, KeyUsage, type IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';

/**
 * A key that signed before the present one.
 */
export interface FormerSigningKey {
  /** The key. */
  readonly key: IKey;

  /**
   * Until when gates believe what it signed, as ISO 8601, for example `2027-01-31T00:00:00Z`. Four days after
   * the change are enough: every image that passes is signed anew within one.
   */
  readonly acceptedUntil: string;
}

const TIME = /^(\d{4})-(\d{2})-(\d{2})T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Throws where gates could not believe one of them, or would believe it for ever. One whose time is over is a
 * warning: time passes by itself.
 *
 * @internal
 */
export function checkedFormerKeys(
  signer: IConstruct,
  present: IKey,
  keys: readonly FormerSigningKey[],
): FormerSigningKey[] {
  const named = (key: IKey) => JSON.stringify(Stack.of(signer).resolve(key.keyArn));
  for (const { key, acceptedUntil } of keys) {
    const arn = named(key);
    if (arn.includes('alias/')) {
      throw new Error(
        `the former signing key ${arn} is an alias, allowed: the key itself, by Key.fromKeyArn(): an alias can be moved to another key`,
      );
    }
    if (arn === named(present)) {
      throw new Error(
        `the former signing key ${arn} is the present one, allowed: keys that signed before it`,
      );
    }
    checkSpec(key);
    if (Token.isUnresolved(acceptedUntil) || !isTime(acceptedUntil)) {
      throw new Error(
        `acceptedUntil ${Token.isUnresolved(acceptedUntil) ? 'of a former key is a token' : `${JSON.stringify(acceptedUntil)} is not a time`}, allowed: ISO 8601, for example "2027-01-31T00:00:00Z"`,
      );
    }
    if (Date.parse(acceptedUntil) <= Date.now()) {
      Annotations.of(signer).addWarningV2(
        'cdk-trusted-images:formerKeyPast',
        `gates believed the former signing key ${arn} until ${acceptedUntil} and do not any more: leave it out of formerKeys`,
      );
    }
  }
  return [...keys];
}

/** 30 February is a time to JavaScript, in March. */
function isTime(text: string): boolean {
  const [, year, month, day] = TIME.exec(text)?.map(Number) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(Date.UTC(year, month! - 1, day)).getUTCMonth() === month! - 1;
}

/** Of a key that is imported, nobody knows here what it can do. */
function checkSpec(key: IKey): void {
  const made = key.node.defaultChild;
  if (!CfnKey.isCfnKey(made)) return;
  const { keySpec = 'SYMMETRIC_DEFAULT', keyUsage = 'ENCRYPT_DECRYPT' } = made;
  if ([keySpec, keyUsage].some(value => Token.isUnresolved(value))) return;
  if (keySpec === KeySpec.ECC_NIST_P256 && keyUsage === KeyUsage.SIGN_VERIFY) return;
  throw new Error(
    `the former signing key ${key.node.path} is ${keySpec} for ${keyUsage}, allowed: ECC_NIST_P256 for SIGN_VERIFY, as SigningKey makes it`,
  );
}
