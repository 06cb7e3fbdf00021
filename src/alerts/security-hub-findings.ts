import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ImageAlerts } from './image-alerts';
import { ReportToSecurityHubFunction } from './report-to-security-hub-function';
import { GrantDetailType } from '../core/events/grant-events';
import { HoldDetailType } from '../core/events/hold-events';
import { DetailType } from '../core/events/image-events';
import { RevocationDetailType } from '../core/events/revocation-events';
import { Seconds } from '../core/times';
import { TrustEvents } from '../events/trust-events';
import { checkProperties, required, type Properties } from '../properties/properties';
import { errorAlarm, handlerOptions } from '../queues/handler';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import { WorkQueue } from '../queues/work-queue';
import { ownPart } from '../trust/own-part';
import { TrustRegister } from '../trust/trust-register';

/**
 * Properties of findings in AWS Security Hub.
 */
export interface SecurityHubFindingsProps {
  /** The event bus of the trust. */
  readonly events: TrustEvents;

  /** The register of the trust. Its name is the dimension of the metrics. */
  readonly register: TrustRegister;

  /** Where its alarms go. */
  readonly alerts: ImageAlerts;

  /**
   * The network that the function runs in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;
}

const SECURITY_HUB_FINDINGS: Properties<SecurityHubFindingsProps> = {
  events: required(TrustEvents, ownPart('a TrustEvents', 'events', 'SecurityHubFindings')),
  register: required(TrustRegister, ownPart('a TrustRegister', 'register', 'SecurityHubFindings')),
  alerts: required(ImageAlerts, ownPart('an ImageAlerts', 'alerts', 'SecurityHubFindings')),
  network: IN_NETWORK,
};

/**
 * Reports to AWS Security Hub what lets images run without a PASS: each break-glass grant and each use of it,
 * each image whose revocation the brake holds, and, with a `RevocationWatcher`, where a revoked image runs.
 * The end of a grant archives its finding, and so does the end of a hold.
 *
 * AWS Security Hub CSPM must be enabled in the account and region of the trust. The findings go to the
 * account's own product, and the role may import into no other.
 */
export class SecurityHubFindings extends Construct {
  /** Its alarms, which `alerts` has already. */
  public readonly alarms: Alarm[];

  constructor(scope: Construct, id: string, props: SecurityHubFindingsProps) {
    super(scope, id);
    checkProperties('SecurityHubFindingsProps', props, SECURITY_HUB_FINDINGS);
    const { events, register, alerts, network } = props;
    const work = new WorkQueue(this, 'Events', {
      handledIn: Seconds.reportToSecurityHub,
      maxConcurrency: 2,
    });
    const reported = [
      ...Object.values(GrantDetailType),
      DetailType.held,
      HoldDetailType.ended,
      RevocationDetailType.located,
    ];
    events._onFor(this, 'ReportToSecurityHub', reported, { target: work.asTarget() });
    const report = new ReportToSecurityHubFunction(this, 'Resource', {
      ...handlerOptions(this, network),
      description: 'Reports to Security Hub what runs without a PASS',
      memorySize: 512,
      timeout: Duration.seconds(Seconds.reportToSecurityHub),
      environment: {
        ...register._metrics.environment(),
        ...work.environment(),
      },
    });
    work.consumedBy(report);
    const account = Stack.of(this).account;
    Grant.addToPrincipal({
      grantee: report,
      actions: ['securityhub:BatchImportFindings'],
      resourceArns: [
        Stack.of(this).formatArn({
          service: 'securityhub',
          resource: 'product',
          resourceName: `${account}/default`,
        }),
      ],
      conditions: { StringEquals: { 'securityhub:TargetAccount': account } },
    });
    this.alarms = [work.deadLetters.alarm, errorAlarm(this, report)];
    for (const alarm of this.alarms) alerts.addAlarm(alarm);
  }
}
