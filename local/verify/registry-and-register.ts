import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { TrustRegister } from '../../adapters/aws/trust-register';
import { imageName, type Image } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { CloudDescription } from '../cloud/description';

/** The registry of the signatures: a repository, by ECR's API, as the signer uses it. */
export type Registry = EcrRegistry;

export function registryOf(
  { endpoint, region, credentials, account }: CloudDescription,
  repository: string,
): Registry {
  return new EcrRegistry({ account, region, repository }, new ECRClient({ endpoint, region, credentials }));
}

/**
 * The register of the statements. It is read as a gate reads it, and written as only an administrator of the
 * emulator can.
 */
export class Register {
  private readonly rows: TrustRegister;
  private readonly documents: DynamoDBDocument;

  constructor(
    private readonly cloud: CloudDescription,
    private readonly table: string,
  ) {
    const { endpoint, region, credentials } = cloud;
    const client = new DynamoDB({ endpoint, region, credentials });
    this.rows = new TrustRegister(table, client);
    this.documents = DynamoDBDocument.from(client);
  }

  public row(image: Image): Promise<RegisterRow> {
    return this.rows.load(imageName(image));
  }

  public async until(
    image: Image,
    what: string,
    condition: (row: RegisterRow) => boolean,
    seconds = 90,
  ): Promise<RegisterRow> {
    for (const end = Date.now() + seconds * 1000; ; await sleep(100)) {
      const row = await this.row(image);
      if (condition(row)) return row;
      if (Date.now() > end) {
        throw new Error(
          `waited ${seconds} seconds in vain until the register said of ${imageName(image)}: ${what}`,
        );
      }
    }
  }

  /**
   * Overwrites the row. No handler expects its version, so a handler that read the row before cannot write
   * it; and it is never due. On AWS the table's policy denies that, so it is not tried: cosign reads no
   * register, and the matrix of all verifiers is not run there.
   */
  public async forge(image: Image, row: RegisterRow): Promise<void> {
    if (!('socketPath' in this.cloud)) return;
    const { duePk: _pk, dueSk: _sk, ...rest } = row;
    await this.documents.put({
      TableName: this.table,
      Item: { ...rest, pk: imageName(image), rowVersion: 1_000_000 },
    });
  }
}
