import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { EmergencyAccess, ImagesDashboard, RevocationBrake, RevocationWatcher } from '../src';
import { ROOT } from './docs/markdown';
import { text, trustStack } from './support/synthesise';
import { EnvironmentName, METRIC_NAMESPACE, MetricName } from '../src/core/environment';

/** Custom metrics cost money (decision 0053). */
const MOST = 6;

interface Stat {
  readonly Namespace?: string;
  readonly MetricName?: string;
}

/** What each function publishes, by the dimension that it counts with. */
function published(template: Template): Map<string, string[]> {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  return new Map(
    functions.flatMap(({ Properties }) => {
      const variables = Properties.Environment?.Variables ?? {};
      const names = variables[EnvironmentName.metrics] as string | undefined;
      return names === undefined ? [] : [[String(variables.POWERTOOLS_SERVICE_NAME), names.split(',')]];
    }),
  );
}

function publishedNames(template: Template): string[] {
  return [...new Set([...published(template).values()].flat())].sort();
}

/** The custom metrics that alarms watch. */
function watched(template: Template): string[] {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const stats = alarms.flatMap(({ Properties }): Stat[] => [
    Properties,
    ...(Properties.Metrics ?? []).flatMap(
      ({ MetricStat }: { MetricStat?: { Metric: Stat } }) => MetricStat?.Metric ?? [],
    ),
  ]);
  return [
    ...new Set(
      stats.flatMap(({ Namespace, MetricName: name }) => (Namespace === METRIC_NAMESPACE ? name! : [])),
    ),
  ].sort();
}

/** The metrics that handlers count, by their sources. */
function countedByHandlers(): string[] {
  const sources = ['lambda', 'adapters']
    .flatMap(folder =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter(file => file.endsWith('.ts'))
        .map(file => readFileSync(join(ROOT, folder, file), 'utf8')),
    )
    .join('\n');
  const keys = [...sources.matchAll(/(?:count|seconds|percent|countOnce)\([^()]*MetricName\.(\w+)[^()]*/g)];
  return keys.flatMap(([all]) =>
    [...all.matchAll(/MetricName\.(\w+)/g)].map(([, key]) => MetricName[key as keyof typeof MetricName]),
  );
}

test('by default a trust publishes no more than six metrics: those that its alarms watch', () => {
  const { template } = trustStack();
  const names = publishedNames(template);
  expect(names).toEqual(watched(template));
  expect(names.length).toBeLessThanOrEqual(MOST);
  expect(names.length).toBeGreaterThan(3);
});

test.each([
  ['break-glass', { emergencyAccess: EmergencyAccess.BREAK_GLASS }, ['BreakGlassGrantsLiving']],
  ['the brake', { revocationBrake: RevocationBrake.above(20) }, ['RevocationsHeld']],
  ['no topic', { alertTopics: [] }, []],
])('with %s, too, each alarm watches what is published', (_, props, more) => {
  const { template } = trustStack(props);
  expect(publishedNames(template)).toEqual(watched(template));
  expect(watched(template)).toEqual(expect.arrayContaining(more));
});

test('a watcher is published what it compares with, by the functions of the trust', () => {
  const made = trustStack();
  const { events, register, alerts } = made.trust;
  new RevocationWatcher(made.stack, 'Revocations', { events, register, alerts });
  const names = watched(made.template);
  expect(names).toEqual(expect.arrayContaining(['ImagesPassed', 'ImagesRevoked']));
  expect(publishedNames(made.template)).toEqual(names);
});

test('every function of a trust has the same list', () => {
  const { template } = trustStack();
  const lists = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(
    ({ Properties }) => Properties.Environment?.Variables?.[EnvironmentName.metrics] ?? [],
  );
  expect(lists.length).toBeGreaterThan(8);
  expect(new Set(lists).size).toBe(1);
});

test('what is published is counted by a handler', () => {
  const counted = countedByHandlers();
  expect(Object.values(MetricName).filter(name => !counted.includes(name))).toEqual([]);
});

describe('the rest is published on request', () => {
  test('a dashboard adds what it shows, and nothing else', () => {
    const made = trustStack();
    new ImagesDashboard(made.stack, 'Images', { trust: made.trust });
    const { template } = made;
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const shown = [...text(dashboard!.Properties.DashboardBody).matchAll(/"TrustedImages","(\w+)"/g)];
    const names = new Set([...shown.map(([, name]) => name!), ...watched(template)]);
    expect(publishedNames(template)).toEqual([...names].sort());
    expect(names.size).toBeGreaterThan(MOST);
  });

  test('a metric that the app asks for is added, also after the functions', () => {
    const before = publishedNames(trustStack().template);
    const made = trustStack();
    made.trust.signer.metricSigned();
    made.trust.register.metric('PushToVerdict', { statistic: 'p95' });
    expect(publishedNames(made.template)).toEqual([...before, 'ImagesSigned', 'PushToVerdict'].sort());
  });

  test('one trust does not publish what another one is asked for', () => {
    const [one, other] = [trustStack(), trustStack()];
    one.trust.signer.metricSigned();
    expect(publishedNames(other.template)).not.toContain('ImagesSigned');
  });

  test('a name that nobody counts is refused, with those that are', () => {
    const { trust } = trustStack();
    expect(() => trust.register.metric('VerdictsPassed')).toThrow(
      /^the metric of Test\/Trust\/Register is "VerdictsPassed", allowed: AlertsSent, .*, WaiversRejected$/,
    );
  });
});
