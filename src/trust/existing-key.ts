import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { CfnKey, KeySpec, KeyUsage, type IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { firstUser } from '../access/first-user';

/** Whether the app makes the key, so that its policy and kind are known. @internal */
export function isOfApp(key: IKey): boolean {
  return CfnKey.isCfnKey(key.node.defaultChild);
}

/**
 * Throws for an alias, which can be moved to another key, and for a key of the wrong kind or region. The kind
 * of an imported key is not known.
 *
 * @internal
 */
export function checkKey(what: string, user: IConstruct, key: IKey): void {
  const shown = JSON.stringify(Stack.of(user).resolve(key.keyArn));
  if (shown.includes('alias/')) {
    throw new Error(
      `the ${what} ${shown} is an alias, allowed: the key itself, by Key.fromKeyArn() or Key.fromLookup(), because an alias can be moved to another key`,
    );
  }
  checkRegion(what, user, key);
  const made = key.node.defaultChild;
  if (!CfnKey.isCfnKey(made)) return;
  const { keySpec = 'SYMMETRIC_DEFAULT', keyUsage = 'ENCRYPT_DECRYPT' } = made;
  if ([keySpec, keyUsage].some(value => Token.isUnresolved(value))) return;
  if (keySpec === KeySpec.ECC_NIST_P256 && keyUsage === KeyUsage.SIGN_VERIFY) return;
  throw new Error(
    `the ${what} ${key.node.path} is ${keySpec} for ${keyUsage}, allowed: ECC_NIST_P256 for SIGN_VERIFY, as SigningKey makes it`,
  );
}

/** The functions call AWS KMS in their own region. */
function checkRegion(what: string, user: IConstruct, key: IKey): void {
  const ours = Stack.of(user).region;
  if (Token.isUnresolved(key.keyArn) || Token.isUnresolved(ours)) return;
  const { region } = Arn.split(key.keyArn, ArnFormat.SLASH_RESOURCE_NAME);
  if (region === ours) return;
  throw new Error(`the ${what} ${key.keyArn} is in ${region}, allowed: the region of the stack, ${ours}`);
}

/**
 * Throws if another `SigningKey` uses the key: the policy of each refuses the signer of the other.
 *
 * @internal
 */
export function refuseSecondUse(user: IConstruct, key: IKey): void {
  const first = firstUser(key, user);
  if (first === user) return;
  throw new Error(
    `the key ${key.node.path} is the signing key ${first.node.path} already, and ${user.node.path} is another, allowed: one SigningKey for each key, because the policy of each refuses the signer of the other`,
  );
}
