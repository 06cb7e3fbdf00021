import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

const READ = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE = [...READ, 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/**
 * DynamoDB uses a customer managed key on behalf of the principal that reads or writes the table, so the
 * principal needs the right too. The key that DynamoDB owns needs no grant.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * @internal
 */
export function grantTableKey(key: IKey | undefined, grantee: IGrantable, access: 'read' | 'write'): void {
  key?.grant(grantee, ...(access === 'read' ? READ : WRITE));
}
