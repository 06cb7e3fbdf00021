import { Aws, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Color,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
  SingleValueWidget,
  TextWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MetricName } from '../core/environment';
import type { PolicyEvaluator } from '../policy/policy-evaluator';
import type { ImageScanner } from '../scanning/image-scanner';
import type { TrustRegister } from '../trust/trust-register';

/** The parts of an image trust that a dashboard shows. */
export interface ShownTrust extends Construct {
  readonly register: TrustRegister;
  readonly scanner: ImageScanner;
  readonly evaluator: PolicyEvaluator;
}

/** Reconcile counts the images once an hour. */
const HOUR = Duration.hours(1);
/** Of the 24 columns of a dashboard. */
const HALF = 12;

const TITLE = `# Image trust in ${Aws.REGION}
Images and findings are counted once an hour. An hour in which a policy changed counts them twice.`;

/**
 * The widgets of a dashboard, in rows.
 *
 * @internal
 */
export function trustWidgets(trust: ShownTrust): IWidget[][] {
  const metric: MetricOf = (name, label, options = {}) =>
    trust.register._metrics.metric(name, { label, ...options });
  return [
    [new TextWidget({ markdown: TITLE, width: 2 * HALF, height: 3 })],
    [now(trust, metric), alarms(trust)],
    [graph('Images, by verdict', Object.values(counted(metric)), { stacked: true }), findings(metric)],
    [verdicts(metric), waiting(metric)],
    [failedScans(trust), deployments(metric)],
    [deadLetters(trust), builds(trust)],
  ];
}

type MetricOf = (
  name: string,
  label: string,
  options?: { color?: string; period?: Duration; statistic?: string },
) => Metric;

function counted(metric: MetricOf): { passed: Metric; refused: Metric; unjudged: Metric } {
  return {
    passed: metric(MetricName.imagesPassed, 'passed', { color: Color.GREEN, period: HOUR }),
    refused: metric(MetricName.imagesRefused, 'refused', { color: Color.RED, period: HOUR }),
    unjudged: metric(MetricName.imagesUnjudged, 'no verdict, or expired', {
      color: Color.GREY,
      period: HOUR,
    }),
  };
}

function now({ evaluator }: ShownTrust, metric: MetricOf): IWidget {
  const usingMetrics = counted(metric);
  const judged = new MathExpression({
    expression: '100 * (passed + refused) / (passed + refused + unjudged)',
    usingMetrics,
    label: '% judged',
    period: HOUR,
  });
  return new SingleValueWidget({
    title: 'Images now',
    width: HALF,
    height: 4,
    metrics: [
      ...Object.values(usingMetrics),
      judged,
      ...(evaluator._hasBrake
        ? [
            evaluator.metricRevocationsHeld({
              label: 'held by the brake',
              color: Color.ORANGE,
              period: HOUR,
            }),
          ]
        : []),
    ],
  });
}

function alarms(trust: ShownTrust): IWidget {
  const all = trust.node.findAll().filter(each => each instanceof Alarm);
  return new AlarmStatusWidget({ title: 'Alarms', width: HALF, height: 4, alarms: all });
}

function findings(metric: MetricOf): IWidget {
  return graph('Findings in these images', [
    metric(MetricName.findingsCritical, 'critical', { color: Color.RED, period: HOUR }),
    metric(MetricName.findingsHigh, 'high', { color: Color.ORANGE, period: HOUR }),
  ]);
}

function verdicts(metric: MetricOf): IWidget {
  return graph(
    'Verdicts',
    [
      metric(MetricName.verdictPass, 'PASS', { color: Color.GREEN }),
      metric(MetricName.verdictFail, 'FAIL', { color: Color.RED }),
      metric(MetricName.scanFailed, 'failed scan', { color: Color.GREY }),
    ],
    { stacked: true },
  );
}

function waiting(metric: MetricOf): IWidget {
  return graph('Seconds that images wait', [
    metric(MetricName.secondsSincePush, 'push to verdict, median', { statistic: 'p50' }),
    metric(MetricName.secondsSincePush, 'push to verdict, 95 %', { statistic: 'p95' }),
    metric(MetricName.oldestRequest, 'oldest request', { statistic: 'Maximum' }),
  ]);
}

/** From the logs: a metric for each cause would cost more than it tells. */
function failedScans({ evaluator, scanner }: ShownTrust): IWidget {
  return new LogQueryWidget({
    title: 'Failed scans, by cause',
    width: HALF,
    height: 6,
    view: LogQueryVisualizationType.TABLE,
    logGroupNames: [evaluator._logGroup.logGroupName, scanner._logGroup.logGroupName],
    queryLines: ['filter ispresent(cause)', 'stats count(*) as scans by cause', 'sort scans desc'],
  });
}

function deployments(metric: MetricOf): IWidget {
  return graph('Deployments', [
    metric(MetricName.deploymentsRefused, 'refused', { color: Color.RED }),
    metric(MetricName.refusalsIgnored, 'deployed without trust', { color: Color.ORANGE }),
  ]);
}

function deadLetters(trust: ShownTrust): IWidget {
  const queues = trust.node.findAll().filter(each => each instanceof Queue);
  // most share one
  const dead = new Set(queues.flatMap(({ deadLetterQueue }) => deadLetterQueue?.queue ?? []));
  return graph(
    'Dead letters',
    [...dead].map(queue => {
      const label = queue.node.scope!.node.path;
      return queue.metricApproximateNumberOfMessagesVisible({ label, statistic: 'Maximum' });
    }),
  );
}

function builds({ scanner }: ShownTrust): IWidget {
  const seconds = new Metric({
    namespace: 'AWS/CodeBuild',
    metricName: 'Duration',
    dimensionsMap: { ProjectName: scanner.project.projectName },
    statistic: 'Sum',
    period: HOUR,
  });
  const minutes = new MathExpression({
    expression: 'seconds / 60',
    usingMetrics: { seconds },
    label: 'build minutes, most of what scans cost',
    period: HOUR,
  });
  return graph('Build minutes', [minutes]);
}

function graph(title: string, left: IMetric[], options: { stacked?: boolean } = {}): IWidget {
  return new GraphWidget({ title, left, width: HALF, height: 6, leftYAxis: { min: 0 }, ...options });
}
