import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE } from '../core/environment';

/**
 * A metric that the functions of one `ImageTrust` count. By default it is the sum over five minutes.
 *
 * @param service the dimension that separates the metrics of two `ImageTrust` constructs
 * @internal
 */
export function serviceMetric(service: string, metricName: string, options?: MetricOptions): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { service },
    statistic: 'Sum',
    period: Duration.minutes(5),
    ...options,
  });
}
