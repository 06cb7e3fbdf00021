import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { runbookUrl, type Runbook } from './runbook';

/** @internal */
export interface AlarmText {
  /** What happened and what to look at, for whoever gets the message. */
  readonly text: string;
  /** The section of the runbook that says what to do. Its address ends the message. */
  readonly section: Runbook;
}

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
  { text, section }: AlarmText,
): Alarm {
  return new Alarm(scope, id, {
    alarmDescription: `${text} To fix: ${runbookUrl(section)}`,
    metric,
    threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    ...(periods > 1 && { datapointsToAlarm: 1 }),
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}
