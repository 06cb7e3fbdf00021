import * as z from 'zod';
import type { Coverage } from '../../evidence/scan-record';
import type { Violation } from '../../evidence/verdict';
import type { AskRego, RegoProgram } from '../../rego/rego-program';
import type { Failure } from '../../scanning/failed-scan';
import type { Finding } from '../../scanning/finding';
import { Severity } from '../../scanning/finding';
import type { Scanner } from '../../scanning/trivy-flags';
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
  /** Asks a Rego policy about the report. Absent where the caller has no engine. */
  readonly rego?: (program: RegoProgram) => ReturnType<AskRego>;
}

/** What a rule says of one finding, or of the image as a whole. The caller adds the name of the rule. */
export type Issue = Omit<Violation, 'rule'> & {
  /**
   * Days that the rule gives to fix it, counted from when this repository first had it in an image that was
   * trusted.
   */
  readonly graceDays?: number;
};

/**
 * What a rule answers. `failure`: the rule is indeterminate, and so is the scan (ERROR), unless another rule
 * refuses the image. `warnings` are reported, whatever the rule's action. `until`: the answer holds no
 * longer.
 */
export type RuleOutcome =
  | { readonly issues: readonly Issue[]; readonly warnings?: readonly Issue[]; readonly until?: string }
  | { readonly failure: Failure };

/** The severities that a rule counts. */
export const Severities = z.array(Severity).min(1);

/** Why a rule leaves a finding out, as people read it. */
export const OTHER_SEVERITY = 'the policy does not count this severity';

/** Parameters of a rule, by name. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A parameter that means something else than its author thinks. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface Rule {
  /** Its name in a policy document, in a policy file and in verdicts. */
  readonly name: string;
  /** One sentence, for the schema of the policy file. */
  readonly description: string;
  /** What Trivy must have searched for. Without one of these the rule is not asked. */
  readonly scanners: readonly Scanner[];
  /** False: it ends in ERROR or says nothing, whatever its action. */
  readonly refuses: boolean;
  /** Which findings it looks at. Absent: it looks at the image, or at the whole report. */
  readonly looksAt?: LooksAt<unknown>;
  /**
   * Its entry in a policy document. Unknown keys are refused: a misspelt parameter must not weaken a rule in
   * silence.
   */
  readonly entry: z.ZodType;
  /** Its entry in a policy file, which may leave out what has a default. */
  readonly fileEntry: z.ZodObject;
  /** The parameters of a policy document, in its order of keys, from those that a person gave. */
  withDefaults(given: Parameters): Parameters;
  /**
   * What is refused where a person writes the rule (a policy file, `PolicyRule`). A document that is active
   * already stays valid.
   */
  mistakes(parameters: Parameters): readonly Mistake[];
  check(input: RuleInput, entry: unknown): RuleOutcome;
}

/** The kind of finding that a rule looks at, and why it leaves out a finding of this kind. */
export interface LooksAt<Entry> {
  readonly type: Finding['type'];
  /** Undefined: the rule counts the finding. */
  leavesOut(entry: Entry): (finding: Finding) => string | undefined;
}

interface RuleDefinition<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly description: string;
  readonly scanners: readonly Scanner[];
  /** @default true */
  readonly refuses?: boolean;
  /** Its parameters in a policy document, described for the schema of the policy file. */
  readonly parameters: Shape;
  /** Parameters that a policy file may leave out, since `withDefaults` knows them. */
  readonly fileParameters?: z.ZodRawShape;
  /** @default - as they are given */
  readonly withDefaults?: (given: Parameters) => Parameters;
  /** @default - none */
  readonly mistakes?: (parameters: Parameters) => readonly Mistake[];
  /** @default - no single findings */
  readonly looksAt?: LooksAt<z.infer<z.ZodObject<Shape>>>;
  check(input: RuleInput, parameters: z.infer<z.ZodObject<Shape>>): RuleOutcome;
}

export function defineRule<Shape extends z.ZodRawShape>({
  name,
  description,
  scanners,
  refuses = true,
  parameters,
  fileParameters,
  withDefaults = given => given,
  mistakes = () => [],
  looksAt,
  check,
}: RuleDefinition<Shape>): Rule {
  const entry = z.strictObject({ rule: z.literal(name), action: z.enum(['deny', 'warn']), ...parameters });
  const read = (document: unknown) => entry.parse(document) as unknown as z.infer<z.ZodObject<Shape>>;
  return {
    name,
    description,
    scanners,
    refuses,
    entry,
    fileEntry: fileEntryOf({ name, description, refuses }, { ...parameters, ...fileParameters }),
    withDefaults,
    mistakes,
    check: (input, document) => check(input, read(document)),
    ...(looksAt !== undefined && {
      looksAt: { type: looksAt.type, leavesOut: (document: unknown) => looksAt.leavesOut(read(document)) },
    }),
  };
}

const FileAction = z
  .enum(['deny', 'warn'])
  .optional()
  .describe(
    'deny (the default): what it finds refuses the image. warn: it is reported only. A rule of a policy for audit always warns.',
  );

/** A rule as a policy file has it. */
export function fileEntryOf(
  { name, description, refuses }: Pick<Rule, 'name' | 'description' | 'refuses'>,
  parameters: z.ZodRawShape,
): z.ZodObject {
  return z
    .strictObject({ rule: z.literal(name), ...(refuses && { action: FileAction }), ...parameters })
    .describe(description);
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
