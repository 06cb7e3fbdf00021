import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { checkKey } from './existing-key';
import { A_KEY, KEY } from '../properties/kinds';
import { checkProperties, required, type Properties } from '../properties/properties';

/**
 * An earlier signing key.
 */
export interface FormerSigningKey {
  /** The key. */
  readonly key: IKey;

  /**
   * The time until which gates accept its signatures, as ISO 8601, for example `2027-01-31T00:00:00Z`. Four
   * days after the change are enough: every image that passes is signed again within one day.
   */
  readonly acceptedUntil: string;
}

const FORMER_SIGNING_KEY: Properties<FormerSigningKey> = {
  key: required(KEY, A_KEY),
  acceptedUntil: required(),
};

const TIME = /^(\d{4})-(\d{2})-(\d{2})T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Throws for a key that gates could not accept, or would accept for ever. A key whose time has passed is only
 * a warning, because that happens without a change of the app.
 *
 * @internal
 */
export function checkedFormerKeys(
  signer: IConstruct,
  present: IKey,
  keys: readonly FormerSigningKey[],
): FormerSigningKey[] {
  const named = (key: IKey) => JSON.stringify(Stack.of(signer).resolve(key.keyArn));
  for (const former of keys) {
    checkProperties('FormerSigningKey', former, FORMER_SIGNING_KEY);
    const { key, acceptedUntil } = former;
    const arn = named(key);
    checkKey('former signing key', signer, key);
    if (arn === named(present)) {
      throw new Error(`the former signing key ${arn} is the current one, allowed: earlier signing keys`);
    }
    if (Token.isUnresolved(acceptedUntil) || !isTime(acceptedUntil)) {
      throw new Error(
        `acceptedUntil ${Token.isUnresolved(acceptedUntil) ? 'of a former key is a token' : `${JSON.stringify(acceptedUntil)} is not a time`}, allowed: ISO 8601, for example "2027-01-31T00:00:00Z"`,
      );
    }
    if (Date.parse(acceptedUntil) <= Date.now()) {
      Annotations.of(signer).addWarningV2(
        'cdk-trusted-images:formerKeyPast',
        `gates accepted the former signing key ${arn} until ${acceptedUntil}: remove it from formerKeys`,
      );
    }
  }
  return [...keys];
}

/** JavaScript reads 30 February as a day in March. */
function isTime(text: string): boolean {
  const [, year, month, day] = TIME.exec(text)?.map(Number) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(Date.UTC(year, month! - 1, day)).getUTCMonth() === month! - 1;
}
