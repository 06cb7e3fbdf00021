import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { aboveAlarm, type AlarmText } from './above-alarm';

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
  message: AlarmText,
  periods = 1,
): Alarm {
  return aboveAlarm(scope, id, metric, { threshold: 0, periods }, message);
}
