import { Duration } from 'aws-cdk-lib';
import { Dashboard, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { trustWidgets } from './dashboard/trust-widgets';
import { ImageTrust } from './image-trust';
import { checkProperties, optional, required, type Properties } from './properties/properties';

/**
 * Properties of a dashboard.
 */
export interface ImagesDashboardProps {
  /** The image trust that it shows. */
  readonly trust: ImageTrust;

  /**
   * The name of the dashboard, unique in the account.
   *
   * @default - a name that CloudFormation chooses
   */
  readonly dashboardName?: string;
}

const IMAGES_DASHBOARD: Properties<ImagesDashboardProps> = {
  trust: required(
    ImageTrust,
    'an ImageTrust of this app; an imported trust has its dashboard in the app that has the trust',
  ),
  dashboardName: optional(),
};

/**
 * A CloudWatch dashboard of an image trust: images by verdict, what the brake on revocations holds (if there
 * is one), findings, how long a push waits for its verdict, failed scans by cause, deployments, dead letters,
 * alarms and build minutes.
 *
 * The functions of the trust publish the metrics that it shows, which costs about $3 a month more.
 *
 * Create it last: alarms that are added to the trust afterwards are not on it.
 */
export class ImagesDashboard extends Construct {
  /** The dashboard, to which more widgets can be added. */
  public readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ImagesDashboardProps) {
    super(scope, id);
    checkProperties('ImagesDashboardProps', props, IMAGES_DASHBOARD);
    this.dashboard = new Dashboard(this, 'Resource', {
      dashboardName: props.dashboardName,
      periodOverride: PeriodOverride.INHERIT, // counts of an hour stay counts of an hour
      defaultInterval: Duration.days(7),
      widgets: trustWidgets(props.trust),
    });
  }
}
