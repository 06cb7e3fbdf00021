import type { Level, ManifestFinding } from '../../src/core/manifests/finding';
import { checksSarif } from '../../src/core/scanning/checks-sarif';
import type { Severity } from '../../src/core/scanning/finding';
import { nameText, plainText } from '../../src/core/text/plain-text';
import { usageError } from '../../src/core/user-error';
import { severitiesIn } from '../../use-cases/image-scan/options';
import {
  scanManifests,
  type ManifestAnswer,
  type ManifestOptions,
} from '../../use-cases/manifest-scan/scan-manifests';
import type { Cli } from '../shell/cli';
import { ExitCode } from '../shell/exit-code';
import type { Style } from '../shell/output';
import { writeText } from '../shell/write-text';

export interface ScanManifestsOptions extends ManifestOptions {
  readonly severity?: string;
  /** A file, or `-` for stdout, which then has nothing else. */
  readonly json?: string;
  readonly sarif?: string;
}

const CODES = { PASS: ExitCode.trusted, FAIL: ExitCode.refused, ERROR: ExitCode.indeterminate } as const;
const HEADS: Readonly<Record<ManifestAnswer['outcome'], readonly [string, Style]>> = {
  PASS: ['PASS', 'green'],
  FAIL: ['FAIL', 'red'],
  ERROR: ['INDETERMINATE', 'yellow'],
};
const STYLES: Readonly<Record<Level, Style>> = {
  refused: 'red',
  unclear: 'yellow',
  warned: 'dim',
  waived: 'dim',
};
/** `--json` has the rest. */
const MOST_LISTED = 200;

/** `scan --manifests FOLDER`: as people read it, as JSON and as SARIF. */
export async function scanManifestsOf(
  folder: string,
  { severity, json, sarif, ...options }: ScanManifestsOptions,
  cli: Cli,
): Promise<ExitCode> {
  const severities = severitiesIn(severity);
  if (json === '-' && sarif === '-') {
    throw usageError(
      '--json - and --sarif - would print two documents into one another; give one of them a file',
    );
  }
  if (options.trust !== undefined && options.fromStack === undefined) {
    throw usageError('--trust goes with --from-stack only; name the stack too');
  }
  const answer = await scanManifests(folder, options, cli);
  if (json !== undefined) await write(json, answer, cli);
  if (sarif !== undefined) await write(sarif, sarifOf(answer), cli);
  const lines = linesOf(answer, severities, cli);
  if (json === '-' || sarif === '-') cli.out.note(lines[0]!);
  else lines.forEach(line => cli.out.print(line));
  return CODES[answer.outcome];
}

async function write(file: string, document: object, cli: Cli): Promise<void> {
  if (file === '-') cli.out.printJson(document);
  else await writeText(file, JSON.stringify(document, undefined, 2), cli);
}

/** The outcome first, then each finding where it is. */
function linesOf(
  { outcome, folder, policy, scanner, objects, found, findings }: ManifestAnswer,
  severities: readonly Severity[],
  { out }: Cli,
): string[] {
  const [head, style] = HEADS[outcome];
  const listed = findings.filter(each => each.severity === undefined || severities.includes(each.severity));
  const hidden = findings.length - Math.min(listed.length, MOST_LISTED);
  const counts = Object.entries(found).flatMap(([severity, count]) =>
    count > 0 ? [`${count} ${severity}`] : [],
  );
  return [
    `${out.styled(head, style)}  the manifests in ${folder}: ${objects} object${objects === 1 ? '' : 's'}`,
    `  judged by ${policy.from}${policy.isStandard ? ', which has no rule misconfigurations, so CRITICAL and HIGH count' : ''}, Trivy ${plainText(scanner.trivy, 40)}`,
    ...listed.slice(0, MOST_LISTED).flatMap(each => findingLines(each, out)),
    ...(hidden > 0 ? [`and ${hidden} more: --json lists them`] : []),
    `found by Trivy: ${counts.join(', ') || 'nothing'}; ${levelCounts(findings)}`,
  ];
}

function findingLines(
  { level, file, line, rule, severity, object, message, remedy }: ManifestFinding,
  out: Cli['out'],
): string[] {
  const what = [severity, rule].filter(each => each !== undefined).join(' ');
  const of = object === undefined ? '' : ` in ${nameText(object, 300)}`;
  return [
    `${nameText(file, 300)}:${line}: ${out.styled(level, STYLES[level])} ${plainText(what, 100)}${of}: ${nameText(message, 600)}`,
    `    ${nameText(remedy, 300)}`,
  ];
}

function levelCounts(findings: readonly ManifestFinding[]): string {
  return (['refused', 'unclear', 'warned', 'waived'] as const)
    .map(level => `${findings.filter(each => each.level === level).length} ${level}`)
    .join(', ');
}

/** Code scanning needs paths from the root of the repository, where the command runs. */
function sarifOf({ folder, findings }: ManifestAnswer): object {
  const prefix = folder.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  return checksSarif(
    findings.map(({ level, file, ...rest }) => ({
      ...rest,
      file: prefix === '' || prefix === '.' ? file : `${prefix}/${file}`,
      level: level === 'refused' || level === 'unclear' ? 'error' : 'warning',
      isSuppressed: level === 'waived',
    })),
  );
}
