import type { CloudFormationTemplate } from './quickstart';
import { billedMetrics, pollersOf, type Deployed } from '../../src/core/cost/workload';
import { runsADay } from '../../src/core/doctor/cost-today';
import { EnvironmentName } from '../../src/core/environment';

/** What a template has that costs something, and its queues. */
export type Counted = Deployed & { readonly polledQueues: number };

/** The metrics that the functions of a template publish. */
export function publishedBy(template: CloudFormationTemplate): string[] {
  const named = propertiesOf(template, 'AWS::Lambda::Function').flatMap(
    ({ Environment }) => (Environment?.Variables?.[EnvironmentName.metrics] as string | undefined) ?? [],
  );
  return [...new Set(named.flatMap(names => names.split(',')))].sort();
}

/** Counts what costs something while nothing happens, and the metrics that cost something then. */
export function deployedBy(template: CloudFormationTemplate): Counted {
  const sources = propertiesOf(template, 'AWS::Lambda::EventSourceMapping');
  return {
    keys: propertiesOf(template, 'AWS::KMS::Key').length,
    alarms: propertiesOf(template, 'AWS::CloudWatch::Alarm').reduce(
      (sum, alarm) => sum + billedMetrics(alarm),
      0,
    ),
    metrics: publishedBy(template).length,
    polledQueues: sources.length,
    pollers: sources.reduce((sum, source) => sum + pollersOf(source), 0),
    scheduledRuns: propertiesOf(template, 'AWS::Events::Rule').reduce(
      (sum, { ScheduleExpression }) =>
        ScheduleExpression === undefined ? sum : sum + runsADay(ScheduleExpression),
      0,
    ),
  };
}

function propertiesOf({ Resources }: CloudFormationTemplate, type: string): Readonly<Record<string, any>>[] {
  return Object.values(Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties ?? {});
}
