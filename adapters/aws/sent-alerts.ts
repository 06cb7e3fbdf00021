import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { Context } from 'aws-lambda';
import { count } from './telemetry';
import { AlertsSentKey } from '../../src/core/alerts/sent-table';
import { MetricName } from '../../src/core/environment';
import { Seconds } from '../../src/core/times';

/** The table of alerts that were sent, so that none is sent twice. */
export class SentAlerts {
  /** Does something, unless it was done with this key before. */
  public readonly first: (key: string, act: () => Promise<void>) => Promise<void>;

  /** Sends, unless a message with this key was sent before. */
  public readonly once: (key: string, send: () => Promise<void>) => Promise<void>;

  private readonly config = new IdempotencyConfig({ expiresAfterSeconds: Seconds.alertRemembered });

  constructor(tableName: string) {
    this.first = makeIdempotent(async (_key: string, act: () => Promise<void>) => act(), {
      persistenceStore: new DynamoDBPersistenceLayer({
        tableName,
        keyAttr: AlertsSentKey.partitionKey,
        expiryAttr: AlertsSentKey.expires,
      }),
      config: this.config,
      dataIndexArgument: 0,
    });
    this.once = (key, send) =>
      this.first(key, async () => {
        await send();
        count(MetricName.alertsSent);
      });
  }

  /** How much time the function has left decides how long a send counts as under way. */
  public during(context: Context): void {
    this.config.registerLambdaContext(context);
  }
}
