import type { EmfOutput } from '@aws-lambda-powertools/metrics/types';

/**
 * A line of the log whose numbers are all there, and of which CloudWatch makes only the published metrics.
 * Names that nobody counts do nothing.
 *
 * @param names with `,` between them. Undefined: all
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function onlyPublished(line: EmfOutput, names: string | undefined): EmfOutput {
  if (names === undefined) return line;
  const published = new Set(names.split(','));
  const directives = line._aws.CloudWatchMetrics.map(each => ({
    ...each,
    Metrics: each.Metrics.filter(({ Name }) => published.has(Name)),
  })).filter(({ Metrics }) => Metrics.length > 0);
  return { ...line, _aws: { ...line._aws, CloudWatchMetrics: directives } };
}
