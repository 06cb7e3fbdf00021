import * as z from 'zod';
import { HasJudged, inOrder } from './check-dockerfile';
import { CHECKS } from './checks';
import type { DockerfileFinding, Level } from './checks/finding';
import { failed, ok, Result } from '../src/core/result';
import { parseJson } from '../src/core/text/json';
import { plainText } from '../src/core/text/plain-text';

const Misconfiguration = z.object({
  ID: z.string().max(64),
  Severity: z.string().max(20),
  Title: z.string().max(2_000),
  Message: z.string().max(10_000).default(''),
  Resolution: z.string().max(10_000).default(''),
  PrimaryURL: z.string().max(2_000).optional(),
  Status: z.string().max(20),
  CauseMetadata: z.object({ StartLine: z.number().int().nonnegative().default(0) }),
});

const Report = z.object({
  SchemaVersion: z.literal(2),
  Results: z
    .array(
      z.object({
        Class: z.string(),
        Type: z.string().default(''),
        MisconfSummary: z.object({
          Successes: z.number().int().nonnegative(),
          Failures: z.number().int().nonnegative(),
        }),
        Misconfigurations: z.array(Misconfiguration).max(10_000).default([]),
      }),
    )
    .default([]),
});

/** LOW is advice. What has no severity has been judged by nobody, so it counts. */
const LEVEL: Readonly<Record<string, Level>> = { LOW: 'warned' };

/**
 * What `trivy config` found in one Dockerfile. A file that Trivy cannot read is left out of its report, with
 * exit code 0: that is no answer.
 */
export function readTrivyConfig(json: string): Result<DockerfileFinding[], string> {
  const report = Report.safeParse(parseJson(json));
  if (!report.success) return failed('its report has another form than that of trivy config 0.7x');
  const results = report.data.Results.filter(
    ({ Class, Type }) => Class === 'config' && Type === 'dockerfile',
  );
  if (results.length !== 1) return failed('it could not read the file as a Dockerfile');
  const { MisconfSummary, Misconfigurations } = results[0]!;
  if (MisconfSummary.Successes + MisconfSummary.Failures === 0) return failed('it ran no check');
  return ok(inOrder(Misconfigurations.filter(({ Status }) => Status === 'FAIL').map(toFinding)));
}

function toFinding({
  ID,
  Severity,
  Title,
  Message,
  Resolution,
  PrimaryURL,
  CauseMetadata,
}: z.infer<typeof Misconfiguration>): DockerfileFinding {
  return {
    rule: plainText(ID, 40),
    level: LEVEL[Severity] ?? 'refused',
    line: Math.max(1, CauseMetadata.StartLine),
    message: plainText(Message === '' ? Title : Message, 300),
    remedy: plainText(Resolution === '' ? Title : Resolution, 300),
    by: 'trivy',
    ...(PrimaryURL?.startsWith('https://') === true && { url: plainText(PrimaryURL, 300) }),
  };
}

/**
 * Ours and Trivy's; what ours says of the same thing Trivy does not say again, and where ours has `judged`,
 * ours counts.
 */
export function mergeFindings(
  own: readonly DockerfileFinding[],
  trivy: readonly DockerfileFinding[],
  judged?: HasJudged,
): DockerfileFinding[] {
  const asked = new Map(CHECKS.flatMap(({ rule, trivy: ids }) => ids.map(id => [id, rule] as const)));
  const isSaid = (finding: DockerfileFinding) =>
    judged?.(finding) ??
    own.some(
      ({ rule, line }) =>
        rule === asked.get(finding.rule) && (line === finding.line || WHOLE_FILE.includes(finding.rule)),
    );
  return inOrder([...own, ...trivy.filter(finding => !isSaid(finding))]);
}

/** Checks of what is nowhere in the file: their line says nothing. */
const WHOLE_FILE = ['DS-0002', 'DS-0026'];
