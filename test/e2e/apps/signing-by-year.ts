import type { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SigningKey, type SigningOptions } from '../../../src';

/**
 * Options of a trust whose key is replaced: `year` names the key that signs, `former` is the ARN of the one
 * before, while gates believe it.
 */
export function signingByYear(
  stack: Stack,
  alias: string,
  { year, former }: { readonly year: string; readonly former?: string },
): SigningOptions {
  return {
    key: new SigningKey(stack, `SigningKey${year}`, { aliasName: `${alias}-${year}` }),
    formerKeys:
      former === undefined
        ? []
        : [
            {
              key: Key.fromKeyArn(stack, 'Former', former),
              acceptedUntil: new Date(Date.now() + 4 * 86_400_000).toISOString(),
            },
          ],
  };
}
