import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ReleaseBrakeFunction } from './release-brake-function';
import { addCallUrl } from '../access/call-url';
import { EnvironmentName } from '../core/environment';
import { Seconds } from '../core/times';
import type { TrustEvents } from '../events/trust-events';
import type { EvidenceBucket } from '../evidence/evidence-bucket';
import { errorAlarm, handlerOptions } from '../queues/handler';
import type { NetworkOptions } from '../queues/network';
import type { ImageScanner } from '../scanning/image-scanner';
import type { TrustRegister } from '../trust/trust-register';

export interface BrakeReleaseProps {
  readonly scanner: ImageScanner;
  readonly register: TrustRegister;
  readonly evidence: EvidenceBucket;
  readonly events: TrustEvents;
  readonly network?: NetworkOptions;
  readonly percent: string;
}

/**
 * The function by which a person releases the brake. It writes the row of the brake and no image: the
 * evaluator revokes what is held.
 *
 * @internal
 */
export class BrakeRelease extends Construct {
  public readonly handler: IFunction;
  public readonly url: string;
  public readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: BrakeReleaseProps) {
    super(scope, id);
    const { scanner, register, evidence, events, network } = props;
    const { queue } = scanner._reconciler;
    const options = handlerOptions(this, network);
    const release = new ReleaseBrakeFunction(this, 'Resource', {
      ...options,
      description: 'Releases the brake on revocations',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.releaseBrake),
      environment: {
        ...register._metrics.environment(),
        [EnvironmentName.register]: register.table.tableName,
        [EnvironmentName.evidence]: evidence.bucket.bucketName,
        [EnvironmentName.eventBus]: events.eventBus.eventBusName,
        [EnvironmentName.queue]: queue.queueUrl,
        [EnvironmentName.revocationBrake]: props.percent, // by this the command line finds the function
      },
    });
    register._grantBrake(options.role);
    evidence._grantRecordReleases(options.role);
    events._grantPublishRelease(options.role);
    queue.grantSendMessages(release);
    this.handler = release;
    this.url = addCallUrl(release, 'leave out revocationBrake');
    this.alarm = errorAlarm(this, release);
  }
}
