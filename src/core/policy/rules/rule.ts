import * as z from 'zod';
import type { Coverage } from '../../evidence/scan-record';
import type { Violation } from '../../evidence/verdict';
import type { AskRego, RegoProgram } from '../../rego/rego-program';
import type { Failure } from '../../scanning/failed-scan';
import type { Finding } from '../../scanning/finding';
import type { TrivyReport } from '../../scanning/trivy-report';

/** What a rule may look at. */
export interface RuleInput {
  readonly findings: readonly Finding[];
  readonly report: TrivyReport;
  /** What the scanner could see, and what it did not look at. */
  readonly coverage: Coverage;
  readonly database: { readonly updatedAt: string };
  readonly scannedAt: string;
  readonly now: Date;
  /** Asks a Rego policy about the report. Absent where nobody brought an engine. */
  readonly rego?: (program: RegoProgram) => ReturnType<AskRego>;
}

/** What a rule says of one finding, or of the image as a whole. Its name is added by the caller. */
export type Issue = Omit<Violation, 'rule'> & {
  /**
   * What the rule gives for fixing it, counted from when this repository first had it in an image that was
   * trusted.
   */
  readonly graceDays?: number;
};

/** `failure`: the rule was indeterminate, so nobody can (ERROR), unless another one refuses the image. */
/** `warnings` are reported, whatever the rule's action. */
export type RuleOutcome =
  { readonly issues: readonly Issue[]; readonly warnings?: readonly Issue[] } | { readonly failure: Failure };

export interface Rule {
  readonly name: string;
  /** False: it ends in ERROR or says nothing, whatever its action. */
  readonly refuses: boolean;
  /**
   * Its entry in a policy document. Unknown keys are refused: a misspelt parameter must not weaken a rule in
   * silence.
   */
  readonly entry: z.ZodType;
  check(input: RuleInput, entry: unknown): RuleOutcome;
}

export function defineRule<Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  check: (input: RuleInput, parameters: z.infer<z.ZodObject<Shape>>) => RuleOutcome,
  refuses = true,
): Rule {
  const entry = z.strictObject({ rule: z.literal(name), action: z.enum(['deny', 'warn']), ...shape });
  return {
    name,
    refuses,
    entry,
    check: (input, document) => check(input, entry.parse(document) as unknown as z.infer<z.ZodObject<Shape>>),
  };
}

/** The part of an issue that names its finding. */
export function about(finding: Finding): Omit<Issue, 'message' | 'remedy'> {
  return {
    fingerprint: finding.fingerprint,
    id: finding.id,
    severity: finding.severity,
    ...(finding.package !== undefined && { package: finding.package }),
    ...(finding.installedVersion !== undefined && { installedVersion: finding.installedVersion }),
    ...(finding.fixedVersion !== undefined && { fixedVersion: finding.fixedVersion }),
  };
}
