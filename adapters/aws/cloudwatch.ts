import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type CloudWatchClient,
} from '@aws-sdk/client-cloudwatch';
import { METRIC_NAMESPACE } from '../../src/core/environment';

/** As many names as one call takes. */
const NAMES = 100;

export interface AlarmFacts {
  readonly name: string;
  readonly state: string;
  readonly hasActions: boolean;
}

/** Alarms and metrics of Amazon CloudWatch. */
export class CloudWatch {
  constructor(private readonly client: CloudWatchClient) {}

  /** Those of these names that there are. */
  public async alarms(names: readonly string[]): Promise<AlarmFacts[]> {
    const found: AlarmFacts[] = [];
    for (let start = 0; start < names.length; start += NAMES) {
      const { MetricAlarms = [] } = await this.client.send(
        new DescribeAlarmsCommand({ AlarmNames: names.slice(start, start + NAMES), MaxRecords: NAMES }),
      );
      for (const { AlarmName, StateValue, ActionsEnabled, AlarmActions = [] } of MetricAlarms) {
        const hasActions = ActionsEnabled === true && AlarmActions.length > 0;
        found.push({ name: AlarmName!, state: StateValue ?? 'unknown', hasActions });
      }
    }
    return found;
  }

  /** The maximum of a metric that the functions of a trust count; undefined where none of them did. */
  public async maximum(
    metricName: string,
    service: string,
    { from, to }: { readonly from: Date; readonly to: Date },
  ): Promise<number | undefined> {
    const { MetricDataResults = [] } = await this.client.send(
      new GetMetricDataCommand({
        StartTime: from,
        EndTime: to,
        MetricDataQueries: [
          {
            Id: 'maximum',
            MetricStat: {
              Metric: {
                Namespace: METRIC_NAMESPACE,
                MetricName: metricName,
                Dimensions: [{ Name: 'service', Value: service }],
              },
              Period: 60,
              Stat: 'Maximum',
            },
          },
        ],
      }),
    );
    const values = MetricDataResults.flatMap(({ Values = [] }) => Values);
    return values.length === 0 ? undefined : Math.max(...values);
  }
}
