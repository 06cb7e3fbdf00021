import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { MetricName } from '../core/environment';
import { anyAlarm } from '../queues/any-alarm';
import { Runbook } from '../queues/runbook';
import { serviceMetric } from '../queues/service-metric';

/**
 * The team is notified of an image that is deployed without trust, also if its message does not arrive.
 *
 * @param service of the gates
 * @internal
 */
export function refusalsIgnoredAlarm(scope: Construct, service: string): Alarm {
  const metric = serviceMetric(service, MetricName.refusalsIgnored, { period: Duration.minutes(1) });
  const text =
    'A deployment continued with an image that is not trusted: its gate only audits, or its stack was rolling back. The message before this one, and the log of the gate, name the image and the reason.';
  return anyAlarm(scope, 'RefusalsIgnored', metric, { text, section: Runbook.untrustedDeployment });
}
