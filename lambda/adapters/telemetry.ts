import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE } from '../../src/core/environment';

/** One structured line a decision. `scanId` and `image` are on every line about them, so that one image can be followed through all functions. */
export const logger = new Logger({ serviceName: 'trusted-images' });

const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'trusted-images' });

export function count(name: string, value = 1): void {
  metrics.addMetric(name, MetricUnit.Count, value);
}

export function flushMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
