import { Lazy, type Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  TreatMissingData,
  type CfnAlarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { AlarmText } from './above-alarm';
import { runbookUrl } from './runbook';

/** @internal */
export interface Watched {
  readonly metric: IMetric;
  /** Counts as one fault while the metric is above. Without it, the metric itself counts faults. */
  readonly above?: number;
  /** It has data only while something happens: a period without data is one without a fault. */
  readonly isSparse?: boolean;
}

/** An alarm on an expression may have so many metrics. @internal */
export const METRICS = 10;
/** In UTC: whatever is still wrong then rings again. */
const REMINDER = { hour: 6, minutes: 15 };

/**
 * One alarm on several things that must not happen. It is in ALARM while anything is wrong, and its action
 * runs again for the next fault, although CloudWatch runs actions only when the state changes: when there are
 * more faults than in the period before, the alarm is OK for one period. Two periods in a row it never is, so
 * faults that keep coming hide nothing. Once a day everything that is still wrong rings again.
 *
 * A period without data repeats the one before, unless the metric is sparse: data that comes late would look
 * like the end of a fault.
 *
 * @param watched asked when the template is written, so that more can be watched later: up to `METRICS`
 * @internal
 */
export function risingAlarm(
  scope: Construct,
  id: string,
  period: Duration,
  watched: () => readonly Watched[],
  { text, section }: AlarmText,
): Alarm {
  const alarm = new Alarm(scope, id, {
    alarmDescription: `${text} To fix: ${runbookUrl(section)}`,
    metric: new MathExpression({ expression: '0', usingMetrics: {}, period }),
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  (alarm.node.defaultChild as CfnAlarm).metrics = Lazy.any({
    produce: () => queriesOf(period, watched()),
  });
  return alarm;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
function queriesOf(period: Duration, watched: readonly Watched[]): CfnAlarm.MetricDataQueryProperty[] {
  const expression = (name: string, text: string, label?: string) => ({
    id: name,
    expression: text,
    ...(label !== undefined && { label }),
    returnData: label !== undefined,
    period: period.toSeconds(),
  });
  const faults = watched.map(({ above, isSparse }, at) => {
    const filled = isSparse === true ? `FILL(m${at}, 0)` : `FILL(FILL(m${at}, REPEAT), 0)`;
    return above === undefined ? filled : `IF(${filled} > ${above}, 1, 0)`;
  });
  const moreAgain = 'rise > 0 AND FILL(DIFF(before), 0) <= 0';
  const reminded = `HOUR(faults) == ${REMINDER.hour} AND MINUTE(faults) < ${REMINDER.minutes}`;
  return [
    expression('ring', `IF(before > 0 AND ((${moreAgain}) OR (${reminded})), 0, faults)`, 'faults'),
    expression('faults', faults.join(' + ')),
    expression('rise', 'FILL(DIFF(faults), 0)'),
    expression('before', 'faults - rise'),
    ...watched.map(({ metric }, at) => ({ id: `m${at}`, returnData: false, ...statOf(metric, period) })),
  ];
}

function statOf(metric: IMetric, period: Duration): Pick<CfnAlarm.MetricDataQueryProperty, 'metricStat'> {
  const { namespace, metricName, dimensions, statistic: stat } = metric.toMetricConfig().metricStat!;
  return {
    metricStat: {
      metric: {
        namespace,
        metricName,
        dimensions: dimensions?.map(({ name, value }) => ({ name, value: String(value) })),
      },
      period: period.toSeconds(),
      stat,
    },
  };
}
