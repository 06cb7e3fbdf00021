import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/**
 * An alarm on the first of something that must not happen at all. Silence is good news.
 *
 * @param periods in the last so many: what is seen again and again is one alarm and not one each time
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
