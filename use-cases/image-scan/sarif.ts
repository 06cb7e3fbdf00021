import type { Judged, ScanAnswer } from './answer';
import { platformNames } from './platform-names';
import type { Verdict, Violation } from '../../src/core/evidence/verdict';
import { toSarif } from '../../src/core/scanning/sarif';
import { sarifMessage } from '../../src/core/scanning/sarif-message';

interface SarifResult {
  readonly partialFingerprints: { readonly trustedImages: string };
  readonly [key: string]: unknown;
}
interface SarifRun {
  readonly tool: { readonly driver: { readonly rules: readonly object[]; readonly [key: string]: unknown } };
  readonly results: readonly SarifResult[];
}

/**
 * What was found in each image, as a run of its own: waived findings are suppressed, and what a rule says of
 * the image as a whole is a result too, so that a FAIL is never an empty file.
 */
export function sarifOf({ judged, trivy }: ScanAnswer): object {
  const names = platformNames(judged.map(({ image }) => image.platform));
  const { $schema, version } = toSarif([], { version: trivy }) as { $schema: string; version: string };
  return { $schema, version, runs: judged.map((each, at) => runOf(each, names[at]!, trivy)) };
}

function runOf({ verdict, findings }: Judged, name: string, trivy: string): object {
  const {
    runs: [run],
  } = toSarif(findings, { version: trivy }) as { runs: [SarifRun] };
  const known = new Set(findings.map(({ fingerprint }) => fingerprint));
  const whole = verdict.violations.filter(
    ({ fingerprint }) => fingerprint === undefined || !known.has(fingerprint),
  );
  const rules = [...new Set(whole.map(({ rule }) => rule))];
  const { driver } = run.tool;
  return {
    automationDetails: { id: `trusted-images/${name}/` },
    tool: {
      driver: {
        ...driver,
        rules: [...driver.rules, ...rules.map(rule => ({ id: rule, shortDescription: sarifMessage(rule) }))],
      },
    },
    results: [
      ...run.results.map(result => withSuppression(result, verdict)),
      ...whole.map(violation => ofTheImage(violation, driver.rules.length + rules.indexOf(violation.rule))),
    ],
  };
}

function withSuppression(result: SarifResult, { waived }: Verdict): object {
  const covered = waived.find(({ fingerprint }) => fingerprint === result.partialFingerprints.trustedImages);
  if (covered === undefined) return result;
  const { owner, reason, until } = covered.waiver;
  return {
    ...result,
    suppressions: [
      {
        kind: 'external',
        status: 'accepted',
        justification: `${owner} until ${until.slice(0, 10)}: ${reason}`,
      },
    ],
  };
}

function ofTheImage({ rule, message, remedy }: Violation, ruleIndex: number): object {
  return {
    ruleId: rule,
    ruleIndex,
    level: 'error',
    message: sarifMessage(`${message}; ${remedy}`),
    locations: [{ physicalLocation: { artifactLocation: { uri: 'image' }, region: { startLine: 1 } } }],
  };
}
