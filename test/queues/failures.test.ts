import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ImageTrust, RepositorySelector } from '../../src';
import { lateness } from '../../src/core/scanning/lateness';
import { tagged } from '../gates/gated-stack';
import { watchedSeries, type Query, type Series } from '../support/metric-math';
import { FAST, text, trustStack } from '../support/synthesise';

interface Properties {
  readonly AlarmDescription: string;
  readonly Metrics: readonly (Query & {
    readonly MetricStat?: {
      readonly Metric: {
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
      };
      readonly Period: number;
    };
  })[];
  readonly TreatMissingData: string;
  readonly AlarmActions: unknown[];
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
}

const { template } = trustStack();
const alarms = template.findResources('AWS::CloudWatch::Alarm');

/** Of the gate of an imported trust: its one alarm watches refusals that were ignored too. */
const imported = new Stack(new App({ context: FAST }), 'Team', {
  env: { account: '111122223333', region: 'eu-west-1' },
});
tagged(imported, ImageTrust.fromStackName(imported, 'Imported', { stackName: 'Platform' }));
Object.assign(alarms, Template.fromStack(imported).findResources('AWS::CloudWatch::Alarm'));

function alarm(id: string): Properties {
  const found = Object.entries(alarms).filter(([logicalId]) =>
    new RegExp(`^${id}[0-9A-F]{8}$`).test(logicalId),
  );
  expect(found).toHaveLength(1);
  return found[0]![1].Properties as Properties;
}

/** How often the action of an alarm runs: at each change to ALARM. */
function rings(id: string, metrics: readonly Series[], at = '2026-12-01T12:00:00Z'): number[] {
  const { Metrics, Threshold, EvaluationPeriods } = alarm(id);
  expect({ Threshold, EvaluationPeriods }).toEqual({ Threshold: 0, EvaluationPeriods: 1 });
  const stats = Metrics.filter(({ MetricStat }) => MetricStat !== undefined);
  const [{ length }] = metrics as [Series];
  const quiet: Series = Array.from({ length }, () => undefined);
  const named = Object.fromEntries(stats.map(({ Id }, index) => [Id, metrics[index] ?? quiet]));
  const periodSeconds = stats[0]!.MetricStat!.Period;
  const watched = watchedSeries(Metrics, named, { start: new Date(at), periodSeconds });
  const isOn = watched.map(value => (value ?? 0) > 0);
  return isOn.flatMap((on, index) => (on && isOn[index - 1] !== true ? [index] : []));
}

const DEAD_LETTERS = 'TrustFailuresMessages';
const ERRORS = 'TrustFailuresErrors';
const LATE = 'TrustScannerLate';
const none = undefined;

test('the gate of an imported trust rings for each refusal that was ignored, minutes apart', () => {
  const noLetters: Series = Array.from({ length: 6 }, () => 0);
  expect(rings('ImportedGateDeploymentsAlarm', [noLetters, [none, 1, none, 1, none, none]])).toEqual([1, 3]);
});

describe('one alarm on the dead letters of a trust', () => {
  test('there is one dead-letter queue, and every queue names it', () => {
    const queues = template.findResources('AWS::SQS::Queue');
    const dead = Object.keys(queues).filter(id => /DeadLetters/.test(id) && !id.startsWith('TrustGate'));
    expect(dead).toEqual([expect.stringMatching(/^TrustFailuresDeadLetters/)]);
    const targets = Object.entries(queues)
      .filter(([id]) => id !== dead[0] && !/^Trust(?:SignerKeyChanges|Gate)/.test(id))
      .map(([, { Properties }]) => text(Properties.RedrivePolicy.deadLetterTargetArn));
    expect(new Set(targets)).toEqual(new Set(['TrustFailuresDeadLetters']));
    expect(targets.length).toBeGreaterThan(6);
  });

  test('what importers send has its own (0036)', () => {
    const published = trustStack({ publishedAs: 'platform' }).template;
    const importers = Object.entries(published.findResources('AWS::SQS::Queue')).find(([id]) =>
      /^TrustScannerImporters[0-9A-F]{8}$/.test(id),
    )!;
    expect(text(importers[1].Properties.RedrivePolicy.deadLetterTargetArn)).toBe(
      'TrustScannerImportersDeadLetters',
    );
  });

  test('requests have their own where other accounts forward pushes: the policy has room for few rules', () => {
    const { template: forwarded } = trustStack({
      repositories: [RepositorySelector.name('app').inAccount('210987654321')],
    });
    const dead = Object.keys(forwarded.findResources('AWS::SQS::Queue')).filter(
      id => /DeadLetters/.test(id) && !id.startsWith('TrustGate'),
    );
    expect(dead.map(id => id.slice(0, -8)).sort()).toEqual([
      'TrustFailuresDeadLetters',
      'TrustScannerRequestsDeadLetters',
    ]);
  });

  test('the first one rings, and the alarm stays on while it is there', () => {
    expect(rings(DEAD_LETTERS, [[none, none, 1, 1, 1, 1, 0, 0]])).toEqual([2]);
    expect(rings(DEAD_LETTERS, [[3, 3, 3]])).toEqual([0]);
  });

  test('a stuck message does not hide the next one', () => {
    expect(rings(DEAD_LETTERS, [[0, 1, 1, 1, 2, 2, 2, 3, 3]])).toEqual([1, 5, 8]);
  });

  test('data that comes late rings nothing', () => {
    expect(rings(DEAD_LETTERS, [[0, 2, none, 2, none, none, 2]])).toEqual([1]);
  });

  test('messages that keep coming do not turn it off', () => {
    const { Metrics } = alarm(DEAD_LETTERS);
    const [m] = Metrics.filter(({ MetricStat }) => MetricStat !== undefined);
    const more = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const watched = watchedSeries(
      Metrics,
      { [m!.Id]: more },
      { start: new Date('2026-12-01T12:00:00Z'), periodSeconds: 300 },
    );
    expect(watched).toEqual(more);
  });

  test('what is still there rings again once a day', () => {
    const periods = (48 * 60) / 5;
    const stuck = Array.from({ length: periods }, () => 1);
    // at noon, and at a quarter past six on both mornings
    expect(rings(DEAD_LETTERS, [stuck])).toEqual([0, 12 * 18 + 3, 12 * 42 + 3]);
  });
});

describe('one alarm on the errors of all functions', () => {
  const fails = (...at: number[]): Series =>
    Array.from({ length: 12 }, (_, index) => (at.includes(index) ? 4 : 0));

  test('it watches every function that is not an option of its own', () => {
    const watched = alarm(ERRORS).Metrics.flatMap(({ MetricStat }) =>
      (MetricStat?.Metric.Dimensions ?? []).map(({ Value }) => text(Value)),
    );
    expect(watched.sort()).toEqual(
      [
        'TrustAlertsNotifier',
        'TrustEvaluator',
        'TrustFindingsRecorder',
        'TrustScannerDispatcher',
        'TrustScannerReconciler',
        'TrustSigner',
        'TrustWaiversPublisher',
      ].sort(),
    );
  });

  test('CloudWatch takes 10 metrics and 10 expressions in one alarm', () => {
    const { Metrics } = alarm(ERRORS);
    const expressions = Metrics.filter(({ Expression }) => Expression !== undefined);
    expect(expressions.length).toBeLessThanOrEqual(10);
    expect(Metrics.length - expressions.length).toBeLessThanOrEqual(10);
    for (const { Expression } of expressions) expect(Expression!.length).toBeLessThanOrEqual(1024);
  });

  test('a function that always fails does not hide one that begins to fail', () => {
    const always = fails(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    expect(rings(ERRORS, [always])).toEqual([1]);
    expect(rings(ERRORS, [always, fails(5, 6, 7)])).toEqual([1, 6]);
    expect(rings(ERRORS, [always, fails(5)])).toEqual([1, 6]);
    expect(rings(ERRORS, [always, fails(5), fails(8, 9)])).toEqual([1, 6, 9]);
  });

  test('more errors of the same function are the same fault', () => {
    expect(rings(ERRORS, [[0, 1, 5, 2, 9, 9, 0]])).toEqual([1]);
  });
});

describe('one alarm on lateness', () => {
  /** The worst of a push and a renewal that are so many hours old when they go back to their queues. */
  const worst = (pushes: number[], renewals: number[]): Series =>
    pushes.map((hours, at) => Math.max(lateness(false, hours * 3600), lateness(true, renewals[at]! * 3600)));

  test('old renewals do not hide a push that waits', () => {
    const renewals = [25, 25, 25, 26, 26, 26, 26];
    expect(rings(LATE, [worst([0, 0, 0, 0, 0, 0, 0], renewals)])).toEqual([0]);
    expect(rings(LATE, [worst([0, 0, 0, 2, 2, 2, 2], renewals)])).toEqual([0, 4]);
  });

  test('a push that waits hides renewals until it is scanned: they are still late then, and ring each day', () => {
    const day = Array.from({ length: 4 * 24 }, (_, at) => at);
    const series = worst(
      day.map(at => (at < 8 ? 2 : 0)),
      day.map(at => (at < 4 ? 0 : 25)),
    );
    expect(series.slice(6, 10)).toEqual([2, 2, 1, 1]);
    // at noon, and at a quarter past six
    expect(rings(LATE, [series])).toEqual([0, 4 * 18 + 1]);
  });

  test('a push is late after an hour, and a renewal after a day', () => {
    expect(rings(LATE, [worst([1, 1], [24, 24])])).toEqual([]);
    expect(rings(LATE, [worst([1.1], [0])])).toEqual([0]);
    expect(rings(LATE, [worst([0], [24.1])])).toEqual([0]);
  });
});

describe('silence rings', () => {
  test.each([
    ['everything', {}],
    ['an option switched off', { alertTopics: [] }],
  ])('with %s, three hours without a run breach, without data too', (_, props) => {
    const { template: made } = trustStack(props);
    const silent = Object.values(made.findResources('AWS::CloudWatch::Alarm')).filter(
      ({ Properties }) => Properties.TreatMissingData === 'breaching',
    );
    expect(silent.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        // of AWS: it does not depend on what the function writes, and costs nothing
        Namespace: 'AWS/Lambda',
        MetricName: 'Invocations',
        Dimensions: [
          { Name: 'FunctionName', Value: { Ref: expect.stringMatching(/^TrustScannerReconciler/) } },
        ],
        Statistic: 'Sum',
        Period: 3600,
        EvaluationPeriods: 3,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
      }),
    ]);
  });
});

test('each alarm is heard once, although parts have alarms in common', () => {
  for (const { Properties } of Object.values(alarms)) expect(Properties.AlarmActions).toHaveLength(1);
});

test('the events of rules that cannot be delivered go to the same queue, and its policy names each rule', () => {
  const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
  const policy = policies.find(
    ({ Properties }) => text(Properties.Queues[0]) === 'TrustFailuresDeadLetters',
  )!;
  const statements = policy.Properties.PolicyDocument.Statement as {
    Sid?: string;
    Condition: { ArnEquals?: { 'aws:SourceArn': unknown[] } };
  }[];
  const [sent] = statements.filter(({ Sid }) => Sid === 'RulesSend');
  const rules = Object.entries(template.findResources('AWS::Events::Rule'))
    .filter(([, { Properties }]) =>
      (Properties.Targets as { DeadLetterConfig?: object }[]).some(
        ({ DeadLetterConfig }) => DeadLetterConfig !== undefined,
      ),
    )
    .map(([id]) => id);
  const named = sent!.Condition.ArnEquals!['aws:SourceArn'].map(
    arn => (arn as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0]!,
  );
  expect(named.sort()).toEqual(rules.sort());
});
