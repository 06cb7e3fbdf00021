import type { PartOutcome, State } from './state';

/** What the page says. */
export interface Report {
  /** Where it ran: AWS, or an endpoint. */
  readonly cloud: string;
  readonly region: string;
  readonly startedAt: string;
  readonly checks: readonly { number: number; title: string; parts: readonly PartOutcome[] }[];
  readonly suites: State['suiteOutcomes'];
  /** Files of tests that need the embedded cloud, and why. */
  readonly onlyEmulated: Readonly<Record<string, string>>;
  readonly left: readonly string[];
}

/** An item is what its worst part is; what was not checked says nothing about it. */
export function outcomeOf(parts: readonly Pick<PartOutcome, 'outcome'>[]): PartOutcome['outcome'] {
  const has = (outcome: PartOutcome['outcome']) => parts.some(part => part.outcome === outcome);
  return has('did not hold') ? 'did not hold' : has('held') ? 'held' : 'not checked';
}

/** The page of a check, in Markdown. */
export function renderPage({ cloud, region, startedAt, checks, suites, onlyEmulated, left }: Report): string {
  const count = (outcome: PartOutcome['outcome']) =>
    checks.filter(({ parts }) => outcomeOf(parts) === outcome).length;
  return [
    '# Checked',
    '',
    `On ${cloud}, in ${region}, on ${startedAt.slice(0, 10)}, by \`npm run aws:check\`. The numbers are those of docs/not-run-on-aws.md. The raw answers are in aws-check.json.`,
    '',
    `Of ${checks.length} items ${count('held')} held, ${count('did not hold')} did not hold, and ${count('not checked')} were not checked.`,
    '',
    '| number | what | part | outcome | why |',
    '|---|---|---|---|---|',
    ...checks.flatMap(({ number, title, parts }) =>
      (parts.length === 0 ? [NOT_REACHED] : parts).map(
        ({ what, outcome, why }) => `| ${[number, title, what, outcome, why].map(cell).join(' | ')} |`,
      ),
    ),
    '',
    '## End-to-end tests',
    '',
    '| tests | passed | failed | skipped |',
    '|---|---|---|---|',
    ...Object.entries(suites).map(([name, suite]) => {
      const skipped = Object.entries(suite!.skipped).map(([why, times]) => `${times}: ${why}`);
      return `| ${[name, suite!.passed, suite!.failed.map(({ test }) => test).join('; ') || 0, skipped.join('; ') || 0].map(cell).join(' | ')} |`;
    }),
    '',
    `${Object.keys(onlyEmulated).length} files of tests need the embedded cloud as a whole:`,
    '',
    ...Object.entries(onlyEmulated).map(([file, why]) => `- ${file}: ${why}`),
    '',
    '## Not removed',
    '',
    ...(left.length === 0
      ? ['Nothing: everything that the check made is gone.']
      : left.map(each => `- ${each}`)),
    '',
  ].join('\n');
}

const NOT_REACHED: PartOutcome = { what: 'all of it', outcome: 'not checked', why: 'the check ended before' };

function cell(value: string | number): string {
  return String(value).replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 400);
}
