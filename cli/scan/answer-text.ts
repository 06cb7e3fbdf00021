import { treatmentIn } from '../../src/core/evaluation/treatment';
import { countBySeverity, severityText } from '../../src/core/evidence/severity-counts';
import type { Violation, Waived } from '../../src/core/evidence/verdict';
import { grouped } from '../../src/core/grouped';
import type { Severity } from '../../src/core/scanning/finding';
import { nameText, plainText } from '../../src/core/text/plain-text';
import type { ScanAnswer, PlatformError } from '../../use-cases/image-scan/answer';
import type { Output, Style } from '../shell/output';

type Styled = Pick<Output, 'styled'>;

const HEADS: Record<ScanAnswer['outcome'], readonly [string, Style]> = {
  PASS: ['PASS', 'green'],
  FAIL: ['FAIL', 'red'],
  ERROR: ['INDETERMINATE', 'yellow'],
};
/** The file that `--json` writes has the rest. */
const MOST_LISTED = 50;

/** Said of a tar of docker save without an OCI layout in it, of Jib and the like. */
const MADE_UP =
  '  this is not the digest that a registry will give it: the archive has no manifest; to know the digest before the push, write an OCI layout';

/** The outcome first, then what it is for. Every text of the image's goes through `shown`. */
export function answerLines(answer: ScanAnswer, severities: readonly Severity[], out: Styled): string[] {
  const {
    outcome,
    title,
    repository,
    digest,
    isDigestMadeUp = false,
    rules,
    trivy,
    judged,
    verdict,
    platformErrors,
    mayHaveGracePeriod,
  } = answer;
  const [head, style] = HEADS[outcome];
  const platforms = judged.map(({ image: { platform } }) => platform);
  const apart = judged.map(each => ({ ...each.verdict, platform: each.image.platform }));
  const all = verdict === undefined ? apart : [{ ...verdict, platform: undefined }];
  const violations = all.flatMap(({ violations: list, platform }) =>
    list.map(each => ({ platform, ...each })),
  );
  const count = all.reduce((sum, { violationCount }) => sum + violationCount, 0);
  const warnings = all.reduce((sum, each) => sum + each.warnings.length, 0);
  return [
    `${out.styled(head, style)}  ${plainText(title, 300)}`,
    `  ${plainText(digest, 300)}${platforms.length === 0 ? '' : ` (${platforms.map(each => plainText(each, 60)).join(', ')})`}`,
    ...(isDigestMadeUp ? [MADE_UP] : []),
    `  judged as an image of ${repository ?? 'no repository'} by ${rules}${policyNameText(answer)}, Trivy ${plainText(trivy, 40)}${databaseText(answer)}`,
    ...platformErrors.flatMap(each => platformErrorLines(each)),
    ...violationLines(violations, count, severities, out),
    ...waivedLines(
      all.flatMap(({ waived, platform }) => waived.map(each => ({ platform, ...each }))),
      out,
    ),
    ...deadlineLines(
      all.flatMap(each => each.deadlines),
      out,
    ),
    ...foundLines(answer),
    ...(warnings > 0 ? ['', `warnings, which refuse nothing: ${warnings}; --json lists them`] : []),
    ...(mayHaveGracePeriod
      ? [
          '',
          'A grace period may apply in the registry: whether this may be fixed later is known there, and not here.',
        ]
      : []),
  ];
}

/** `the standard policy (standard)` says it twice. */
function policyNameText({ rules, policy: { name } }: ScanAnswer): string {
  return rules === `the ${name} policy` ? '' : ` (${plainText(name, 64)})`;
}

function databaseText({ judged }: ScanAnswer): string {
  const [first] = judged;
  if (first === undefined) return '';
  const { updatedAt } = first.verdict.database;
  return updatedAt === new Date(0).toISOString()
    ? ', no vulnerability database'
    : `, database of ${updatedAt.slice(0, 16).replace('T', ' ')}Z`;
}

function platformErrorLines({ platform, cause, detail, remedy }: PlatformError): string[] {
  return [
    '',
    `${cause}${platform === undefined ? '' : ` in ${plainText(platform, 60)}`}: ${nameText(detail, 400)}`,
    `  -> ${plainText(remedy, 1000)}`,
  ];
}

interface Said extends Violation {
  readonly platform?: string | undefined;
}

/** By rule, in the order in which the worst of each comes; the count is whole, the list may be cut. */
function violationLines(
  violations: readonly Said[],
  count: number,
  severities: readonly Severity[],
  out: Styled,
): string[] {
  const isShown = ({ severity }: Violation) => severity === undefined || severities.includes(severity);
  const listed = violations.filter(isShown);
  const groups = new Map<string, Said[]>();
  for (const violation of listed.slice(0, MOST_LISTED)) {
    groups.set(violation.rule, [...(groups.get(violation.rule) ?? []), violation]);
  }
  const lines = [...groups].flatMap(([rule, group]) => {
    const total = violations.filter(violation => violation.rule === rule).length;
    return [
      '',
      out.styled(`${plainText(rule, 60)}: ${total}`, 'bold'),
      ...group.flatMap(each => violationText(each)),
    ];
  });
  const hidden = count - Math.min(listed.length, MOST_LISTED);
  return hidden > 0
    ? [
        ...lines,
        '',
        `and ${hidden} more that refuse${hidden === 1 ? 's' : ''} the image: --json lists ${listed.length === violations.length ? 'the worst 500' : 'those that --severity hides too'}`,
      ]
    : lines;
}

function violationText({ message, remedy, platform }: Said): string[] {
  return [
    `  ${nameText(message, 400)}${platform === undefined ? '' : ` [${plainText(platform, 60)}]`}`,
    `    -> ${nameText(remedy, 300)}`,
  ];
}

function waivedLines(all: readonly Waived[], out: Styled): string[] {
  const waived = [...new Map(all.map(each => [waivedKey(each), each])).values()];
  if (waived.length === 0) return [];
  const each = waived
    .slice(0, MOST_LISTED)
    .map(({ rule, id, package: name, waiver: { owner, until, reason, ticket } }) => {
      const what = [id ?? rule, name === undefined ? '' : `in ${name}`].filter(text => text !== '').join(' ');
      return `  ${nameText(what, 300)}: ${plainText(owner, 100)} until ${plainText(until.slice(0, 10), 300)}${ticket === undefined ? '' : ` (${plainText(ticket, 100)})`}: ${plainText(reason, 300)}`;
    });
  return ['', out.styled(`waived: ${waived.length}`, 'bold'), ...each, ...more(waived.length)];
}

/** A policy may both refuse and warn of a finding: it is waived once. */
function waivedKey({
  platform,
  fingerprint,
  rule,
  id,
  message,
  waiver: { key },
}: Waived & { readonly platform?: string }): string {
  return JSON.stringify([
    platform,
    key,
    ...(fingerprint === undefined ? [rule, id, message] : [fingerprint]),
  ]);
}

function deadlineLines(deadlines: readonly (Violation & { readonly due: string })[], out: Styled): string[] {
  if (deadlines.length === 0) return [];
  const each = deadlines
    .slice(0, MOST_LISTED)
    .map(
      ({ message, due }) =>
        `  ${nameText(message, 400)}: until ${plainText(due.slice(0, 10), 300)}, if the grace period begins today`,
    );
  return ['', out.styled(`to be fixed: ${deadlines.length}`, 'bold'), ...each, ...more(deadlines.length)];
}

/** How much was found, and what the policy made of it: also of what it left out, and why. */
function foundLines({ judged, policy }: ScanAnswer): string[] {
  if (judged.length === 0) return [];
  const all = judged.flatMap(({ verdict, findings }) => {
    const treatmentOf = treatmentIn(verdict, policy);
    return findings.map(finding => {
      const { treatment, why } = treatmentOf(finding);
      const said = why === '' ? treatment : `${treatment}: ${plainText(why, 300)}`;
      return { severity: finding.severity, said };
    });
  });
  const made = [...grouped(all, ({ said }) => said)];
  return [
    '',
    `found: ${severityText(countBySeverity(all)) || 'nothing'}`,
    ...made
      .slice(0, MOST_LISTED)
      .map(([said, findings]) => `  ${severityText(countBySeverity(findings))} ${said}`),
    ...more(made.length),
  ];
}

function more(count: number): string[] {
  return count > MOST_LISTED ? [`  and ${count - MOST_LISTED} more: --json lists them`] : [];
}
