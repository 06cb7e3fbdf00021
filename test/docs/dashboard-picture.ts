import { ImagesDashboard } from '../../src';
import { text, trustStack } from '../support/synthesise';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: unknown[][];
    readonly alarms?: string[];
  };
}

/** A column of a dashboard and a row of it, in pixels. */
const [COLUMN, ROW] = [40, 26];
const LINE = 15;

/** What the dashboard of a trust shows, drawn from its definition: without figures, since nothing ran. */
export function dashboardPicture(): string {
  const made = trustStack();
  new ImagesDashboard(made.stack, 'Images', { trust: made.trust });
  const [dashboard] = Object.values(made.template.findResources('AWS::CloudWatch::Dashboard'));
  const { widgets } = JSON.parse(text(dashboard!.Properties.DashboardBody)) as { widgets: Widget[] };
  const height = Math.max(...widgets.map(widget => widget.y + widget.height)) * ROW;
  const size = `viewBox="0 0 ${24 * COLUMN} ${height}" font-family="sans-serif" font-size="12"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="Widgets of the dashboard">`,
    `<rect width="${24 * COLUMN}" height="${height}" fill="#f2f3f3"/>`,
    ...widgets.flatMap(draw),
    '</svg>',
    '',
  ].join('\n');
}

function draw({ x, y, width, height, properties }: Widget): string[] {
  const [left, top] = [x * COLUMN + 4, y * ROW + 4];
  const box = `x="${left}" y="${top}" width="${width * COLUMN - 8}" height="${height * ROW - 8}"`;
  const { title, markdown = '', metrics = [], alarms = [] } = properties;
  const [heading, ...paragraphs] = title === undefined ? markdown.replace(/^# /, '').split('\n') : [title];
  const lines = [
    ...paragraphs,
    ...metrics.flatMap(labelOf),
    ...(alarms.length > 0 ? [`the states of ${alarms.length} alarms`] : []),
    ...(title?.startsWith('Failed scans') === true ? ['from the logs of evaluator and dispatcher'] : []),
  ];
  const fits = Math.floor((height * ROW - 40) / LINE);
  const shown =
    lines.length > fits ? [...lines.slice(0, fits - 1), `and ${lines.length - fits + 1} more`] : lines;
  return [
    `<rect ${box} rx="4" fill="#fff" stroke="#d5dbdb"/>`,
    `<text x="${left + 10}" y="${top + 19}" font-weight="bold">${escaped(heading!)}</text>`,
    ...shown.map(
      (line, index) => `<text x="${left + 10}" y="${top + 38 + index * LINE}">${escaped(line)}</text>`,
    ),
  ];
}

/** Of a metric that is shown: others are only part of an expression. */
function labelOf(metric: unknown[]): string[] {
  const { label, visible } = metric.at(-1) as { label?: string; visible?: boolean };
  return visible === false || label === undefined ? [] : [label];
}

function escaped(line: string): string {
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
