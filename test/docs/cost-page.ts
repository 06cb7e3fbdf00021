import { Template } from 'aws-cdk-lib/assertions';
import { ImagesDashboard } from '../../src';
import { PAGES, PRICES, SERVICES, type Service, type Unit } from '../../src/core/cost/prices';
import { costOf, plus, times, type Cost, type Usage } from '../../src/core/cost/usage';
import {
  ASSUMED,
  CALLS,
  buildsAtOnce,
  firstScan,
  idleDay,
  month,
  MONTH,
  onArm,
  renewal,
  trustedDay,
} from '../../src/core/cost/workload';
import { Seconds } from '../../src/core/times';
import { deployedBy, publishedBy, type Counted } from '../support/deployed';
import { quickstartTemplates, type CloudFormationTemplate } from '../support/quickstart';
import { trustStack } from '../support/synthesise';

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
const REGIONS = 3;
/** README's example. */
const EXAMPLE = { images: 100, pushesADay: 20 };
const WIDTH = 560;
const LEFT = 130;

/** What stands between the marks of a page, by their names. */
type Parts = Readonly<Record<string, string>>;

export interface CostPage {
  /** Of docs/cost.md. */
  readonly parts: Parts;
  /** Of README.md. */
  readonly readme: Parts;
  readonly chart: string;
}

/** The figures of docs/cost.md and README.md, from prices, template and measured calls. */
export function costPage(): CostPage {
  const { Quickstart } = quickstartTemplates();
  const deployed = deployedBy(Quickstart!);
  const published = publishedBy(Quickstart!);
  const shown = dashboardMetrics().filter(name => !published.includes(name));
  const usages = monthsOf(deployed);
  const months = usages.map(([title, usage]): [string, Cost] => [title, costOf(usage)]);
  const units: [string, Cost][] = [
    ['1,000 first scans', costOf(times(firstScan(), 1000))],
    ['1,000 renewals', costOf(times(renewal(), 1000))],
  ];
  return {
    parts: {
      month: table(months),
      variants: variants(usages, shown.length),
      unit: table(units),
      counts: [
        `- deployed by the quickstart: ${deployed.keys} keys, ${deployed.alarms} metrics of alarms, ${deployed.polledQueues} queues that Lambda polls by ${deployed.pollers} connections, ${deployed.scheduledRuns} scheduled runs a day`,
        `- custom metrics that its functions publish: ${published.map(name => `\`${name}\``).join(', ')}. The table counts each in every hour, and none of them in an idle month: most have data only when something is wrong`,
        '- a stack that deploys images adds nothing: it asks the gate of the trust, which is counted above',
        `- a VPC without a way out: ${ENDPOINTS} interface endpoints in 2 zones. They are yours: the library makes none. Those of S3 and DynamoDB are gateways, which cost nothing`,
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
    readme: { cost: readmeTable(deployed) },
    chart: chartOf(months),
  };
}

function monthsOf(deployed: Counted): [title: string, usage: Usage][] {
  return [
    ['idle', times(idleDay(deployed), MONTH)],
    ...IMAGES.map((count): [string, Usage] => [
      `${count.toLocaleString('en-US')} images`,
      month(count, deployed),
    ]),
  ];
}

/** The metrics that a trust with a dashboard publishes. */
function dashboardMetrics(): string[] {
  const { stack, trust } = trustStack();
  new ImagesDashboard(stack, 'Images', { trust });
  return publishedBy(Template.fromStack(stack).toJSON() as CloudFormationTemplate);
}

/** The same months, deployed in another way. */
function variants(usages: readonly [title: string, usage: Usage][], ofDashboard: number): string {
  const endpoints = { endpointHour: ENDPOINTS * 2 * 24 * MONTH };
  const rows: [string, (usage: Usage, isIdle: boolean) => Usage][] = [
    ['as above', usage => usage],
    ['with `ScanCompute.ARM_SMALL`, if builds take as long', usage => onArm(usage)],
    [
      `with an \`ImagesDashboard\`: ${ofDashboard} more metrics`,
      (usage, isIdle) => (isIdle ? usage : plus(usage, { metric: ofDashboard })),
    ],
    [
      `in a VPC without a way out: ${ENDPOINTS} interface endpoints in 2 zones`,
      usage => plus(usage, endpoints),
    ],
    [`in ${REGIONS} regions, with the same images in each`, usage => times(usage, REGIONS)],
  ];
  return [
    `|  | ${usages.map(([title]) => title).join(' | ')} |`,
    `| --- | ${usages.map(() => '--:').join(' | ')} |`,
    ...rows.map(([name, changed]) => {
      const totals = usages.map(([title, usage]) => dollars(costOf(changed(usage, title === 'idle')).total));
      return `| ${[name, ...totals].join(' | ')} |`;
    }),
  ].join('\n');
}

function readmeTable(deployed: Counted): string {
  const { images, pushesADay } = EXAMPLE;
  const { keys, alarms, metrics, polledQueues, pollers, scheduledRuns } = deployed;
  const priced = (usage: Usage) => costOf(times(usage, MONTH)).total;
  const none = { keys: 0, alarms: 0, pollers: 0, scheduledRuns: 0 };
  const idle = priced(idleDay(deployed));
  const first = costOf(firstScan()).total;
  const daily = priced(trustedDay());
  const ofMetrics = costOf({ metric: metrics }).total;
  const all = costOf(month(images, deployed, MONTH * pushesADay)).total;
  const minutes = `${ASSUMED.buildMinutes} build minutes × $${PRICES.of.buildMinute.usd}`;
  return [
    '| what | arithmetic | US dollars |',
    '| --- | --- | --- |',
    `| a deployed \`ImageTrust\` without images | ${keys} KMS keys × $${PRICES.of.key.usd} + ${alarms} metrics of alarms × ${dollars(PRICES.of.alarm.usd)} + polling of ${polledQueues} queues, ${dollars(priced(idleDay({ ...none, pollers })))} + runs by the clock, ${dollars(priced(idleDay({ ...none, scheduledRuns })))} | ${idle.toFixed(2)} a month |`,
    `| its custom metrics, as far as they have data | ${metrics} metrics × ${dollars(PRICES.of.metric.usd)} | up to ${ofMetrics.toFixed(2)} a month |`,
    `| the first scan of an image | ${minutes}, and calls | ${first.toFixed(4)} |`,
    `| daily scans of an image that passes | ${MONTH} days × ${minutes}, and calls | ${daily.toFixed(2)} a month |`,
    `| for example ${images} images that pass, and ${pushesADay} pushes a day | ${idle.toFixed(2)} + ${ofMetrics.toFixed(2)} + ${images} × ${daily.toFixed(2)} + ${MONTH} × ${pushesADay} × ${first.toFixed(4)} | about ${Math.round(all)} a month |`,
  ].join('\n');
}

/** The page with other figures between its marks. Throws if a mark is missing. */
export function withParts(page: string, parts: Parts, name = 'docs/cost.md'): string {
  return Object.entries(parts).reduce((text, [mark, part]) => {
    const [begin, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${name} has no ${begin} before an ${end}`);
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
