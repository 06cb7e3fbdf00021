import type { RemovalPolicy } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { grantMessages, grantsTable, type GrantsStore } from './grants-store';
import type { TrustRegister } from '../trust/trust-register';

/**
 * What gates of other stacks name of break-glass, where nobody may grant. It is the same table and the same
 * queue as with break-glass: stacks that are not deployed meanwhile import or name them, and break-glass that
 * comes back finds its grants (0052). Nobody may write the table.
 *
 * @internal
 */
export class KeptGrants extends Construct implements GrantsStore {
  public readonly table: ITableV2;
  public readonly _messages: IQueue;

  constructor(
    scope: Construct,
    id: string,
    { register, removalPolicy }: { readonly register: TrustRegister; readonly removalPolicy: RemovalPolicy },
  ) {
    super(scope, id);
    this.table = grantsTable(this, [], removalPolicy);
    this._messages = grantMessages(this, register).queue;
  }
}
