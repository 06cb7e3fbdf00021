import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

const READ = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE = [...READ, 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/**
 * DynamoDB uses a customer's key in the name of whoever reads or writes the table, so they need it too. Its
 * own key needs no grant.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * @internal
 */
export function grantTableKey(key: IKey | undefined, grantee: IGrantable, access: 'read' | 'write'): void {
  key?.grant(grantee, ...(access === 'read' ? READ : WRITE));
}
