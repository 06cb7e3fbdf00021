import { EnvironmentName } from '../../../src/core/environment';

type Telemetry = typeof import('../../../adapters/aws/telemetry');

interface Line {
  readonly service: string;
  readonly _aws: { readonly CloudWatchMetrics: { readonly Metrics: { readonly Name: string }[] }[] };
}

let lines: string[];
beforeEach(() => {
  jest.resetModules();
  lines = [];
  Object.assign(process.env, {
    POWERTOOLS_SERVICE_NAME: 'Trust',
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
  });
  jest.spyOn(console, 'log').mockImplementation(line => void lines.push(String(line)));
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env[EnvironmentName.metrics];
});

/** The line that is written after two passes and one failure. */
function written(names: string | undefined): Line & Record<string, unknown> {
  if (names !== undefined) process.env[EnvironmentName.metrics] = names;
  const { count, flushMetrics } = jest.requireActual<Telemetry>('../../../adapters/aws/telemetry');
  count('VerdictPass');
  count('VerdictPass');
  count('VerdictFail', 3);
  flushMetrics();
  flushMetrics();
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0]!);
}

const metricsOf = ({ _aws }: Line) =>
  _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));

test.each([
  ['one that is asked for', 'VerdictFail,ScanLoad', ['VerdictFail']],
  ['none', 'ScanLoad', []],
  ['none, with an empty list', '', []],
  ['none of unknown names', 'Constructor,__proto__,,*', []],
  ['all, without a list', undefined, ['VerdictPass', 'VerdictFail']],
])('CloudWatch makes metrics of %s, and the log has every number', (_, names, metrics) => {
  const line = written(names);
  expect(metricsOf(line)).toEqual(metrics);
  expect(line).toMatchObject({ service: 'Trust', VerdictPass: [1, 1], VerdictFail: 3 });
  expect(line._aws.CloudWatchMetrics).toHaveLength(metrics.length === 0 ? 0 : 1);
});
