import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import { grantToPeople } from '../access/to-people';

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

/** Lets people read rows of a table by their keys, and by its indexes. @internal */
export function grantReadRows(
  owner: IConstruct,
  { tableArn }: ITableV2,
  key: IKey | undefined,
  grantee: IGrantable,
): Grant {
  return grantToPeople('grantRead', owner, grantee, () => {
    grantTableKey(key, grantee, 'read');
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
      resourceArns: [tableArn, `${tableArn}/index/*`],
    });
  });
}
