import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/**
 * An alarm on a measure above a threshold. Missing data counts as healthy.
 *
 * @param periods the number of periods that are evaluated: one above the threshold among them is enough
 * @internal
 */
export function aboveAlarm(
  scope: Construct,
  id: string,
  metric: IMetric,
  { threshold, periods }: { readonly threshold: number; readonly periods: number },
  alarmDescription: string,
): Alarm {
  return new Alarm(scope, id, {
    alarmDescription,
    metric,
    threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    ...(periods > 1 && { datapointsToAlarm: 1 }),
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
