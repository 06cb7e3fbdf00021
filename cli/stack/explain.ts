import { answer, minute, table } from './answer';
import { decisionJson, decisionLines, exitCodeOf } from './decision';
import type { ImageOptions } from './options';
import { asking } from '../../adapters/aws/aws-error';
import type { RuleResult, Violation } from '../../src/core/evidence/verdict';
import { answersText } from '../../src/core/scanning/accounting';
import { nameText, plainText } from '../../src/core/text/plain-text';
import { Connection, tagResolver } from '../../use-cases/deployed-trust/connect';
import { explainImage, type Explained } from '../../use-cases/deployed-trust/explain-image';
import { imageAsked } from '../../use-cases/deployed-trust/image-argument';
import type { Cli } from '../shell/cli';

/** More are in the JSON, and in the evidence. */
const LISTED = 20;

const NO_PAGE =
  'page      none was found: it is written last, seconds after the verdict, and left out if that fails (the log of the evaluator says why)';

export function explanationLines({ verdict, ruleTitles = [], places, ...decided }: Explained): string[] {
  const gate = decisionLines({ decision: decided.decision, row: undefined, evidenceBucket: undefined });
  if (verdict === undefined) return gate;
  const { policy, waivers, database, scanner, declared } = verdict;
  return [
    ...gate,
    '',
    `verdict   ${verdict.outcome} of ${minute(verdict.evaluatedAt)}, valid until ${minute(verdict.validUntil)}`,
    `scan      ${verdict.scanId} of ${minute(verdict.scannedAt)}, because of: ${verdict.reason}`,
    `scanner   Trivy ${plainText(scanner.version, 300)}, database of ${minute(database.updatedAt)}`,
    ...(declared === undefined ? [] : [`packages  ${answersText(declared)}`]),
    `policy    ${plainText(policy.name, 300)}, revision ${policy.revision}, ${plainText(policy.sha256, 12)}${policy.audit === true ? ', which only watches' : ''}`,
    `waivers   revision ${waivers.revision}`,
    '',
    ...table(
      ['RULE', 'ACTION', 'OUTCOME', 'COUNT', 'WAIVED', 'LATER'],
      verdict.rules.map((rule, at) => [ruleTitles[at] ?? rule.rule, ...ruleCells(rule)]),
    ),
    ...section('violations', verdict.violations, verdict.violationCount, violationLine),
    ...section('warnings', verdict.warnings, verdict.warnings.length, violationLine),
    ...section(
      'waived',
      verdict.waived,
      sum(verdict.rules, ({ waived }) => waived),
      ({ waiver, ...each }) =>
        `${nameOf(each)}, until ${waiver.until.slice(0, 10)} by ${plainText(waiver.owner, 100)}: ${plainText(waiver.reason, 200)}`,
    ),
    ...section(
      'to be fixed',
      verdict.deadlines,
      sum(verdict.rules, ({ deferred }) => deferred),
      each => `${nameOf(each)}, until ${minute(each.due)}`,
    ),
    ...section(
      'images',
      verdict.children ?? [],
      verdict.children?.length ?? 0,
      ({ platform, digest, outcome }) => `${plainText(platform, 300)} ${digest} ${outcome}`,
    ),
    '',
    ...Object.entries(places).map(([what, place]) => `${what.padEnd(8)}  ${plainText(place, 1000)}`),
    ...(verdict.kind === 'scan' && places.page === undefined ? [NO_PAGE] : []),
  ];
}

function ruleCells({ action, outcome, count, waived, deferred }: RuleResult): string[] {
  return [action, outcome, String(count), String(waived), String(deferred)];
}

function section<T>(title: string, each: readonly T[], count: number, line: (one: T) => string): string[] {
  if (each.length === 0) return [];
  const more = Math.max(count, each.length) - Math.min(each.length, LISTED);
  return [
    '',
    `${title}:`,
    ...each.slice(0, LISTED).map(one => `- ${line(one)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}

function violationLine({ rule, message, remedy, platform }: Violation): string {
  return `${plainText(rule, 60)}${platform === undefined ? '' : ` (${plainText(platform, 40)})`}: ${nameText(message, 300)}; ${nameText(remedy, 300)}`;
}

function nameOf({ id, rule, package: name, message }: Violation): string {
  return id === undefined
    ? `${plainText(rule, 60)}: ${nameText(message, 120)}`
    : [id, name]
        .filter(each => each !== undefined)
        .map(each => nameText(each, 80))
        .join(' in ');
}

function sum(rules: readonly RuleResult[], count: (rule: RuleResult) => number): number {
  return rules.reduce((total, rule) => total + count(rule), 0);
}

export async function explain(reference: string, options: ImageOptions, cli: Cli): Promise<void> {
  await asking(async () => {
    const image = await imageAsked(reference, options, tagResolver(cli), cli);
    const { register, keys, policies, evidence } = await Connection.open(options, cli, image);
    const explained = await explainImage(
      image,
      { register, keys, policies, evidence, evidenceBucket: evidence.name },
      cli.now(),
    );
    const { verdict, places } = explained;
    const value = { ...decisionJson(explained, image), verdict, evidence: places };
    answer(cli, options.json, value, () => explanationLines(explained));
    cli.endWith(exitCodeOf(explained.decision));
  });
}
