import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImagesDashboard, RevocationBrake } from '../src';
import { ROOT } from './docs/markdown';
import { nameOf, text, trustStack } from './support/synthesise';
import { MetricName } from '../src/core/environment';

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: unknown[][];
    readonly alarms?: string[];
    readonly query?: string;
  };
}

const made = trustStack();
const { stack, trust } = made;
new ImagesDashboard(stack, 'Images', { trust, dashboardName: 'images' });
const { template } = made;
const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
const body = JSON.parse(text(dashboard!.Properties.DashboardBody)) as { widgets: Widget[] };

function widget(title: string): Widget['properties'] {
  return body.widgets.find(({ properties }) => properties.title === title)!.properties;
}

function namesIn(title: string): string[] {
  const names = JSON.stringify(widget(title).metrics ?? []).matchAll(/"TrustedImages","(\w+)"/g);
  return [...names].map(([, name]) => name!);
}

/** The metrics that handlers count, by their sources. */
function counted(): string[] {
  const handlers = readdirSync(join(ROOT, 'lambda'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.lambda.ts'))
    .map(file => readFileSync(join(ROOT, 'lambda', file), 'utf8'))
    .join('\n');
  const keys = [...handlers.matchAll(/MetricName\.(\w+)/g)].map(([, key]) => key as keyof typeof MetricName);
  return keys.map(key => MetricName[key]);
}

test('it has the name that it was given', () => {
  expect(dashboard!.Properties.DashboardName).toBe('images');
});

test('each metric is one that the functions of the trust count, with the dimension of this trust', () => {
  const known = counted();
  const shown = body.widgets.flatMap(({ properties }) =>
    properties.title === undefined ? [] : namesIn(properties.title),
  );
  expect(shown.length).toBeGreaterThan(10);
  expect(shown.filter(name => !known.includes(name))).toEqual([]);
  const [first] = widget('Verdicts').metrics!;
  expect(first!.slice(0, 3)).toEqual(['TrustedImages', 'VerdictPass', 'service']);
  expect(first![3]).toBe(text(stack.resolve(trust.register._metrics.service)));
});

test('coverage is counted by the hour, as reconcile does', () => {
  expect(namesIn('Images, by verdict')).toEqual(['ImagesPassed', 'ImagesRefused', 'ImagesUnjudged']);
  for (const metric of widget('Images, by verdict').metrics!) {
    expect(metric.at(-1)).toMatchObject({ period: 3600, stat: 'Sum' });
  }
  expect(JSON.stringify(widget('Images now').metrics)).toContain(
    '100 * (passed + refused) / (passed + refused + unjudged)',
  );
});

test('what the brake holds is shown where there is one, from the metric of the evaluator', () => {
  const shownWith = (options: Parameters<typeof trustStack>[0]) => {
    const other = trustStack(options);
    new ImagesDashboard(other.stack, 'Images', { trust: other.trust });
    const [found] = Object.values(other.template.findResources('AWS::CloudWatch::Dashboard'));
    return text(found!.Properties.DashboardBody);
  };
  expect(shownWith({})).not.toContain('RevocationsHeld');
  const shown = shownWith({ revocationBrake: RevocationBrake.above(20) });
  expect(shown).toMatch(/"TrustedImages","RevocationsHeld","service",[^\]]*"held by the brake"[^\]]*3600/);
});

test('it shows every alarm and every dead-letter queue of the trust', () => {
  const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm')).map(nameOf);
  expect(widget('Alarms').alarms!.sort()).toEqual(alarms.sort());

  const queues = Object.values(template.findResources('AWS::SQS::Queue'));
  const deadLetters = queues.flatMap(({ Properties: { RedrivePolicy: policy } }) =>
    policy === undefined ? [] : [text(policy.deadLetterTargetArn)],
  );
  const shown = widget('Dead letters').metrics!.map(metric => metric[3]);
  expect(shown.sort()).toEqual([...new Set(deadLetters)].sort());
});

test('causes of failed scans are read in the logs of evaluator and dispatcher', () => {
  const { query } = widget('Failed scans, by cause');
  expect(query).toMatch(/^SOURCE 'TrustEvaluatorLogs' \| SOURCE 'TrustScannerDispatcherLogs' \|/);
  expect(query).toContain('stats count(*) as scans by cause');
});
