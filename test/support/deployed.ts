import type { CloudFormationTemplate } from './quickstart';
import { billedMetrics, type Deployed } from '../../src/core/cost/workload';
import { runsADay } from '../../src/core/doctor/cost-today';
import { MetricName } from '../../src/core/environment';

/** Metrics of constructs that a trust does without. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  MetricName.runsWithoutTrust,
  MetricName.imagesRevoked,
  MetricName.signaturesWithdrawn,
  MetricName.revocationsHeld,
  MetricName.imagesArchived,
  MetricName.imagesRestored,
]);

/** Counts what costs something while nothing happens. */
export function deployedBy({ Resources }: CloudFormationTemplate): Deployed {
  const all = (type: string) =>
    Object.values(Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties ?? {});
  return {
    keys: all('AWS::KMS::Key').length,
    alarms: all('AWS::CloudWatch::Alarm').reduce((sum, alarm) => sum + billedMetrics(alarm), 0),
    metrics: Object.values(MetricName).filter(name => !ELSEWHERE.has(name)).length,
    polledQueues: all('AWS::Lambda::EventSourceMapping').length,
    scheduledRuns: all('AWS::Events::Rule').reduce(
      (sum, { ScheduleExpression }) =>
        ScheduleExpression === undefined ? sum : sum + runsADay(ScheduleExpression),
      0,
    ),
  };
}
