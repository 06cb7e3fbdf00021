import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { EmfOutput } from '@aws-lambda-powertools/metrics/types';
import { onlyPublished } from './only-published';
import { EnvironmentName, METRIC_NAMESPACE } from '../../src/core/environment';

/** Powertools' own variable: two trusts in one account must not count into one metric. */
const serviceName = process.env.POWERTOOLS_SERVICE_NAME ?? 'trusted-images';

/**
 * One structured line a decision. `scanId` and `image` are on every line about them, so that one image can be
 * followed through all functions.
 */
export const logger = new Logger({ serviceName });

/** All numbers are in the log, and CloudWatch makes metrics of those that somebody looks at. */
class RequestedMetrics extends Metrics {
  public override serializeMetrics(): EmfOutput {
    return onlyPublished(super.serializeMetrics(), process.env[EnvironmentName.metrics]);
  }
}

const metrics = new RequestedMetrics({ namespace: METRIC_NAMESPACE, serviceName });

export function count(name: string, value = 1): void {
  metrics.addMetric(name, MetricUnit.Count, value);
}

export function seconds(name: string, value: number): void {
  metrics.addMetric(name, MetricUnit.Seconds, value);
}

export function percent(name: string, value: number): void {
  metrics.addMetric(name, MetricUnit.Percent, value);
}

export function flushMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
