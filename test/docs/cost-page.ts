import { PAGES, PRICES, SERVICES, type Service, type Unit } from '../../src/core/cost/prices';
import { costOf, times, type Cost } from '../../src/core/cost/usage';
import {
  ASSUMED,
  CALLS,
  buildsAtOnce,
  firstScan,
  idleDay,
  month,
  MONTH,
  renewal,
} from '../../src/core/cost/workload';
import { Seconds } from '../../src/core/times';
import { deployedBy } from '../support/deployed';
import { quickstartTemplates } from '../support/quickstart';

const IMAGES = [10, 1000, 10_000];
/** Endpoints are the reader's own, and not deployed. */
const SHOWN = SERVICES.filter(service => service !== 'VPC');
const COLOURS: Readonly<Record<Exclude<Service, 'VPC'>, string>> = {
  CodeBuild: '#4e79a7',
  KMS: '#f28e2b',
  CloudWatch: '#59a14f',
  SQS: '#e15759',
  Lambda: '#b07aa1',
  DynamoDB: '#76b7b2',
  S3: '#edc948',
  EventBridge: '#9c755f',
};
/** Interface endpoints of a VPC without a way out: docs/production.md names them. */
export const ENDPOINTS = 10;
const WIDTH = 560;
const LEFT = 130;

export interface CostPage {
  /** What stands between the marks of docs/cost.md, by their names. */
  readonly parts: Readonly<Record<string, string>>;
  readonly chart: string;
}

/** The figures of docs/cost.md, from prices, template and measured calls. */
export function costPage(): CostPage {
  const { Quickstart } = quickstartTemplates();
  const deployed = deployedBy(Quickstart!);
  const months: [string, Cost][] = [
    ['idle', costOf(times(idleDay(deployed), MONTH))],
    ...IMAGES.map((count): [string, Cost] => [
      `${count.toLocaleString('en-US')} images`,
      costOf(month(count, deployed)),
    ]),
  ];
  const units: [string, Cost][] = [
    ['1,000 first scans', costOf(times(firstScan(), 1000))],
    ['1,000 renewals', costOf(times(renewal(), 1000))],
  ];
  return {
    parts: {
      month: table(months),
      unit: table(units),
      counts: [
        `- deployed by the quickstart: ${deployed.keys} keys, ${deployed.alarms} alarms, ${deployed.metrics} metrics, ${deployed.polledQueues} queues that Lambda polls, ${deployed.scheduledRuns} scheduled runs a day`,
        '- a stack that deploys images adds nothing: it asks the gate of the trust, which is counted above',
        `- a VPC without a way out: ${ENDPOINTS} interface endpoints in 2 zones cost ${dollars(costOf({ endpointHour: ENDPOINTS * 2 * 24 * MONTH }).total)} a month. They are yours: the library makes none. Those of S3 and DynamoDB are gateways, which cost nothing`,
        `- an image that passes is renewed every ${Seconds.renewAfter / 3600} hours: ${ratio(months[2]![1])} of the bill for 1,000 images are builds`,
        `- builds that have to run at once: ${IMAGES.map(count => `${Math.ceil(buildsAtOnce(count))} for ${count.toLocaleString('en-US')} images`).join(', ')}`,
        `- calls of a first scan: ${listed(CALLS.firstScan)}`,
        `- calls of a renewal: ${listed(CALLS.renewal)}`,
        `- assumed: ${ASSUMED.buildMinutes} minutes for a build, ${ASSUMED.findings} findings in an image, of which a renewal changes ${ASSUMED.findingsChangedByRenewal * 100} %, ${ASSUMED.evidenceKb} KB of evidence and ${ASSUMED.logKb} KB of logs for a scan, ${ASSUMED.gbSeconds} GB-seconds of Lambda for a scan`,
      ].join('\n'),
      prices: [
        '| service | price in US dollars | for | read from |',
        '|---|---|---|---|',
        ...(Object.keys(PRICES.of) as Unit[]).map(unit => {
          const { service, usd, per, what, readFrom } = PRICES.of[unit];
          const amount = per === 1 ? what : `${per.toLocaleString('en-US')} ${what}`;
          return `| [${service}](${PAGES[service]}) | ${usd} | ${amount} | ${readFrom} |`;
        }),
      ].join('\n'),
      asOf: `Prices are those of ${PRICES.region}, read on ${PRICES.asOf}, without free tiers and without taxes.`,
    },
    chart: chartOf(months),
  };
}

/** The page with other figures between its marks. Throws if a mark is missing. */
export function withParts(page: string, parts: CostPage['parts']): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/cost.md has no ${begin} before an ${end}`);
    return `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
  }, page);
}

function table(columns: readonly [title: string, cost: Cost][]): string {
  const row = (name: string, values: readonly string[]) => `| ${[name, ...values].join(' | ')} |`;
  return [
    row(
      '',
      columns.map(([title]) => title),
    ),
    row(
      '---',
      columns.map(() => '--:'),
    ),
    ...SERVICES.map(service =>
      row(
        service,
        columns.map(([, { byService }]) => dollars(byService[service])),
      ),
    ),
    row(
      '**all**',
      columns.map(([, { total }]) => `**${dollars(total)}**`),
    ),
  ].join('\n');
}

function dollars(amount: number): string {
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function ratio({ byService, total }: Cost): string {
  return `${Math.round((byService.CodeBuild / total) * 100)} %`;
}

function listed(calls: Readonly<Record<string, number>>): string {
  return Object.entries(calls)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

/** The share of each service, a bar for each column: absolute bars would show the largest only. */
function chartOf(months: readonly [title: string, cost: Cost][]): string {
  const bars = months.flatMap(([title, { total, byService }], at) => {
    const y = 16 + at * 36;
    let x = LEFT;
    const parts = SHOWN.map(service => {
      const width = (byService[service] / total) * WIDTH;
      const bar = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="22" fill="${COLOURS[service]}"><title>${service} ${dollars(byService[service])}</title></rect>`;
      x += width;
      return bar;
    });
    return [
      `<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${title}</text>`,
      ...parts,
      `<text x="${LEFT + WIDTH + 8}" y="${y + 15}">${dollars(total)}</text>`,
    ];
  });
  const legend = SHOWN.flatMap((service, at) => {
    const [x, y] = [LEFT + (at % 4) * 140, 172 + Math.floor(at / 4) * 22];
    return [
      `<rect x="${x}" y="${y}" width="12" height="12" fill="${COLOURS[service]}"/>`,
      `<text x="${x + 18}" y="${y + 11}">${service}</text>`,
    ];
  });
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 790 220" font-family="sans-serif" font-size="13" role="img" aria-label="Cost of a month by service">',
    '<rect width="790" height="220" fill="#fff"/>',
    ...bars,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}
