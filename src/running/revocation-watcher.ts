import { Duration } from 'aws-cdk-lib';
import { MathExpression, type Alarm, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { allowInventory } from './allow-inventory';
import { FollowRevocationFunction } from './follow-revocation-function';
import { AlertingWork } from '../alerts/alerting-work';
import { ImageAlerts } from '../alerts/image-alerts';
import { MetricName } from '../core/environment';
import { DetailType } from '../core/events/image-events';
import { RevocationDetailType } from '../core/events/revocation-events';
import { Seconds, Shares } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { checkProperties, required, type Properties } from '../properties/properties';
import { aboveAlarm } from '../queues/above-alarm';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';
import { ownPart } from '../trust/own-part';
import { TrustRegister } from '../trust/trust-register';

/**
 * Properties of a revocation watcher.
 */
export interface RevocationWatcherProps {
  /** The event bus on which revocations are published, in the stack of the watcher. */
  readonly events: TrustEvents;

  /** The register. An event that the register does not confirm causes no alert. */
  readonly register: TrustRegister;

  /** Where its alerts and alarms go. */
  readonly alerts: ImageAlerts;

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

const REVOCATION_WATCHER: Properties<RevocationWatcherProps> = {
  events: required(TrustEvents, ownPart('a TrustEvents', 'events', 'RevocationWatcher')),
  register: required(TrustRegister, ownPart('a TrustRegister', 'register', 'RevocationWatcher')),
  alerts: required(ImageAlerts, ownPart('an ImageAlerts', 'alerts', 'RevocationWatcher')),
  network: IN_NETWORK,
};

/** Fewer are no mass, whatever share they are. */
const LEAST = 5;

/**
 * Tells the team where an image runs that was revoked: services and tasks of Amazon ECS, and functions of AWS
 * Lambda with all their versions, in its own account and region. Where apps import the trust elsewhere, it
 * does not look, and says so. It only reads, and stops nothing. Its event `Revoked Image Located` says the
 * same to programs.
 *
 * Its alarm `MassRevocation` goes off if more than a fifth of the trusted images, and at least five, were
 * revoked within an hour: then a new advisory, a database or a policy refuses much at once.
 *
 * `lambda:GetFunction`, which names the image of a function, also gives its role a link to the code of
 * functions that are no images.
 */
export class RevocationWatcher extends Construct {
  private readonly metrics: RequestedMetrics;

  constructor(scope: Construct, id: string, props: RevocationWatcherProps) {
    super(scope, id);
    checkProperties('RevocationWatcherProps', props, REVOCATION_WATCHER);
    const { events, register, alerts, network } = props;
    this.metrics = register._metrics;
    const work = new AlertingWork(this, 'Events', {
      ...{ events, register, alerts, network },
      seconds: Seconds.followRevocation,
      batchSize: 10,
    });
    events._onFor(this, 'FollowRevoked', [DetailType.revoked], { target: work.queue.asTarget() });
    const options = work.handledBy('Reports where revoked images run');
    work.startWith(new FollowRevocationFunction(this, 'Resource', options), RevocationDetailType.located);
    allowInventory(work.role);
    register._grantImporters(work.role);
    alerts.addAlarm(this.alarm());
  }

  /** The number of images that were revoked. Sum over 5 minutes by default. */
  public metricRevoked(options?: MetricOptions): Metric {
    return this.metrics.metric(MetricName.imagesRevoked, options);
  }

  /** Reconcile counts the images that passed once an hour. */
  private alarm(): Alarm {
    const period = Duration.hours(1);
    const share = new MathExpression({
      expression: `IF(revoked >= ${LEAST}, 100 * revoked / (revoked + FILL(passed, 0)), 0)`,
      usingMetrics: {
        revoked: this.metricRevoked({ period }),
        passed: this.metrics.metric(MetricName.imagesPassed, { period }),
      },
      label: 'percent of the trusted images that were revoked within an hour',
      period,
    });
    return aboveAlarm(
      this,
      'MassRevocation',
      share,
      { threshold: 100 * Shares.massRevocation, periods: 1 },
      {
        text: 'Many images were revoked within an hour. Gates refuse them. A new advisory, a bad database or a policy may be the cause: compare what their alerts name.',
        section: Runbook.massRevocation,
      },
    );
  }
}
