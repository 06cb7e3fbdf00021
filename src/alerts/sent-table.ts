import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AlertsSentKey } from '../core/alerts/sent-table';

/**
 * The table of alerts that were sent, so that none is sent twice.
 *
 * @internal
 */
export function sentTable(scope: Construct): TableV2 {
  return new TableV2(scope, 'Sent', {
    partitionKey: { name: AlertsSentKey.partitionKey, type: AttributeType.STRING },
    timeToLiveAttribute: AlertsSentKey.expires,
    billing: Billing.onDemand(),
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** Allows a function to remember what it sent. @internal */
export function grantRemember(sent: TableV2, sender: IGrantable): void {
  Grant.addToPrincipal({
    grantee: sender,
    actions: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resourceArns: [sent.tableArn],
  });
}
