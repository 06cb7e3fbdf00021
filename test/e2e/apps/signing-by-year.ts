import type { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SigningKey, type SigningOptions } from '../../../src';

/**
 * Options of a trust whose key is replaced: `YEAR` names the key that signs, `FORMER` is the ARN of the one
 * before, while gates believe it.
 */
export function signingByYear(stack: Stack, alias: string): SigningOptions {
  const { YEAR, FORMER } = process.env;
  return {
    key: new SigningKey(stack, `SigningKey${YEAR}`, { aliasName: `${alias}-${YEAR}` }),
    formerKeys:
      FORMER === undefined
        ? []
        : [
            {
              key: Key.fromKeyArn(stack, 'Former', FORMER),
              acceptedUntil: new Date(Date.now() + 4 * 86_400_000).toISOString(),
            },
          ],
  };
}
