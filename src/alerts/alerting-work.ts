import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { FunctionOptions, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ImageAlerts } from './image-alerts';
import { grantRemember, sentTable } from './sent-table';
import { EnvironmentName } from '../core/environment';
import type { RevocationDetailType } from '../core/events/revocation-events';
import type { TrustEvents } from '../events/trust-events';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import { WorkQueue, type WorkQueueProps } from '../queues/work-queue';
import type { TrustRegister } from '../trust/trust-register';

export interface AlertingWorkProps extends Pick<WorkQueueProps, 'batchSize'> {
  readonly events: TrustEvents;
  readonly register: TrustRegister;
  readonly alerts: ImageAlerts;
  readonly network?: NetworkOptions;
  /** The time limit of the function. */
  readonly seconds: number;
}

/**
 * The work of a function that follows the events of a trust: it reads rows of the register, tells the team of
 * each thing once, and publishes what it did.
 *
 * @internal
 */
export class AlertingWork {
  public readonly queue: WorkQueue;
  public readonly role: Role;
  private readonly options: FunctionOptions;
  private readonly sent: TableV2;

  /** @param queueId of the queue, in the construct that has the function */
  constructor(
    private readonly scope: Construct,
    queueId: string,
    private readonly props: AlertingWorkProps,
  ) {
    const { network, seconds, batchSize } = props;
    this.queue = new WorkQueue(scope, queueId, { handledIn: seconds, maxConcurrency: 2, batchSize });
    this.sent = sentTable(scope);
    const options = handlerOptions(scope, network);
    this.role = options.role;
    this.options = { ...options, memorySize: 512, timeout: Duration.seconds(seconds) };
  }

  /** The options of its function. */
  public handledBy(description: string, environment: Record<string, string> = {}): FunctionOptions {
    const { events, register, alerts } = this.props;
    return {
      ...this.options,
      description,
      environment: {
        ...register._metrics.environment(),
        [EnvironmentName.register]: register.table.tableName,
        [EnvironmentName.eventBus]: events.eventBus.eventBusName,
        [EnvironmentName.alertsSent]: this.sent.tableName,
        ...alerts._environment(this.scope),
        ...this.queue.environment(),
        ...environment,
      },
    };
  }

  /** Gives the function its work and its rights. Its alarms go where its alerts go. */
  public startWith(handler: IFunction, ...published: RevocationDetailType[]): void {
    const { events, register, alerts } = this.props;
    this.queue.consumedBy(handler);
    grantRemember(this.sent, handler);
    register._grantAsk(handler);
    events._grantPublishFollowing(this.role, ...published);
    alerts._grantSend(handler);
    for (const alarm of [this.queue.deadLetters.alarm, errorAlarm(this.scope, handler)]) {
      alerts.addAlarm(alarm);
    }
  }
}
