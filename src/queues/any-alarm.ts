import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/**
 * An alarm on the first occurrence of an event that must not happen. Missing data counts as healthy.
 *
 * @param periods the number of periods that are evaluated: an event that repeats within them is one alarm
 * @internal
 */
export function anyAlarm(
  scope: Construct,
  id: string,
  metric: IMetric,
  alarmDescription: string,
  periods = 1,
): Alarm {
  return new Alarm(scope, id, {
    alarmDescription,
    metric,
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    ...(periods > 1 && { datapointsToAlarm: 1 }),
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
