import { Duration } from 'aws-cdk-lib';
import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { MetricName } from '../core/environment';
import { anyAlarm } from '../queues/any-alarm';
import type { RequestedMetrics } from '../queues/requested-metrics';
import { Runbook } from '../queues/runbook';

/**
 * The team is notified of an image that is deployed without trust, also if its message does not arrive.
 *
 * @param metrics of the gates
 * @internal
 */
export function refusalsIgnoredAlarm(scope: Construct, metrics: RequestedMetrics): Alarm {
  const metric = refusalsIgnored(metrics, Duration.minutes(1));
  const text = REFUSALS_IGNORED;
  return anyAlarm(scope, 'RefusalsIgnored', metric, { text, section: Runbook.untrustedDeployment });
}

/** What the alarm says. @internal */
export const REFUSALS_IGNORED =
  'A deployment continued with an image that is not trusted: its gate only audits, or its stack was rolling back. The message before this one, and the log of the gate, name the image and the reason.';

/** What the alarm watches. @internal */
export function refusalsIgnored(metrics: RequestedMetrics, period: Duration): IMetric {
  return metrics.metric(MetricName.refusalsIgnored, { period });
}
