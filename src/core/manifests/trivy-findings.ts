import * as z from 'zod';
import type { FileForTrivy } from './for-trivy';
import { failed, ok, type Result } from '../result';
import { fingerprint, Severity, type Finding } from '../scanning/finding';
import { parseJson } from '../text/json';
import { plainText } from '../text/plain-text';

/** What Trivy found, and at which line of which object. */
export interface CheckFinding extends Finding {
  readonly file: FileForTrivy;
  readonly line: number;
}

const Misconfiguration = z.object({
  ID: z.string().min(1).max(64),
  Severity,
  Title: z.string().max(2_000),
  Message: z.string().max(10_000).default(''),
  Resolution: z.string().max(10_000).default(''),
  PrimaryURL: z.string().max(2_000).optional(),
  Status: z.enum(['PASS', 'FAIL', 'EXCEPTION']),
  CauseMetadata: z.object({ StartLine: z.number().int().optional() }),
});

const Report = z.object({
  SchemaVersion: z.literal(2),
  Results: z
    .array(
      z.object({
        Target: z.string(),
        Class: z.string(),
        Type: z.string(),
        MisconfSummary: z.object({ Successes: z.number(), Failures: z.number() }),
        Misconfigurations: z.array(Misconfiguration).default([]),
      }),
    )
    .default([]),
});

/**
 * What `trivy config` found in these files. Trivy leaves out what it cannot read, and still ends with 0: so
 * each file must be in the report once, and with checks that ran.
 */
export function readTrivyFindings(
  json: string,
  files: readonly FileForTrivy[],
): Result<CheckFinding[], string> {
  const report = Report.safeParse(parseJson(json));
  if (!report.success) return failed('its report has another form than that of trivy config 0.7x');
  const results = new Map(report.data.Results.map(result => [result.Target, result]));
  if (results.size !== report.data.Results.length) return failed('its report has a file twice');
  const findings: CheckFinding[] = [];
  for (const file of files) {
    const result = results.get(file.name);
    const { Successes = 0, Failures = 0 } = result?.MisconfSummary ?? {};
    if (result?.Class !== 'config' || result.Type !== 'kubernetes' || Successes + Failures === 0) {
      return failed(`it did not look at ${file.object.name} in ${file.object.file}`);
    }
    const failing = result.Misconfigurations.filter(({ Status }) => Status !== 'PASS');
    if (failing.length < Failures) return failed(`it left out findings in ${file.object.file}`);
    findings.push(...failing.map(each => findingOf(each, file)));
  }
  return ok([...new Map(findings.map(finding => [finding.fingerprint, finding])).values()]);
}

function findingOf(check: z.infer<typeof Misconfiguration>, file: FileForTrivy): CheckFinding {
  const { ID, Severity: severity, Title, Message, Resolution, PrimaryURL, CauseMetadata } = check;
  const { object } = file;
  const line = file.lineOf(CauseMetadata.StartLine);
  return {
    type: 'misconfiguration',
    fingerprint: fingerprint('manifest', ID, object.file, object.name, Message, String(line)),
    id: plainText(ID, 64),
    severity,
    title: plainText(Message === '' ? Title : Message, 300),
    path: object.file,
    remedy: plainText(Resolution === '' ? Title : Resolution, 300),
    ...(PrimaryURL?.startsWith('https://') === true && { url: plainText(PrimaryURL, 300) }),
    file,
    line,
  };
}
