import { Duration, Lazy, Names } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { EnvironmentName, METRIC_NAMESPACE } from '../core/environment';

/**
 * The metrics that somebody looks at: an alarm, a dashboard, or the app itself. The functions around one
 * register publish these and no others, because CloudWatch bills each one. So no alarm watches a metric that
 * nobody publishes.
 *
 * @internal
 */
export class RequestedMetrics {
  /** Those of the functions around a construct, by its unique name. */
  public static around(construct: IConstruct): RequestedMetrics {
    return new RequestedMetrics(Names.uniqueResourceName(construct, { maxLength: 60 }));
  }

  private readonly names = new Set<string>();

  /** @param service the dimension that separates the metrics of two trusts, and the name in their logs */
  constructor(public readonly service: string) {}

  /** A metric, which the functions publish from now on. By default it is the sum over five minutes. */
  public metric(metricName: string, options?: MetricOptions): Metric {
    this.names.add(metricName);
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { service: this.service },
      statistic: 'Sum',
      period: Duration.minutes(5),
      ...options,
    });
  }

  /** The variables of a function that counts. */
  public environment(): Record<string, string> {
    return {
      POWERTOOLS_SERVICE_NAME: this.service,
      // written with the template: what is asked for later counts too
      [EnvironmentName.metrics]: Lazy.string({ produce: () => [...this.names].sort().join(',') }),
    };
  }
}
