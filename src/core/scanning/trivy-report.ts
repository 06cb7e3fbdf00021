import * as z from 'zod';
import { Limit } from '../limits';
import { failed, ok, type Result } from '../result';
import type { Failure } from './failed-scan';
import { Severity } from './severity';
import { plainText } from '../text/plain-text';
import { Keys, readStrictJson, type Shape } from '../text/strict-json';

/*
 * What is read of Trivy's JSON report, and with that all that is kept of it: an object schema drops what it
 * does not name. Env, Cmd, values of labels, history, matches and code lines are where secrets live on; they
 * are not named here, so they are stored nowhere (rule 5.5, untrusted text).
 */

const text = z.string().optional();

/**
 * CVSS 3.x and 4.0 (https://www.first.org/cvss/specification-document): a score below 0 would be below every
 * threshold.
 */
const Score = z.number().min(0).max(10).optional();

/**
 * No path that a kernel takes is as long (PATH_MAX is 4096), and a target is part of the fingerprint of each
 * secret in it.
 */
const LONGEST_TARGET = 16_384;

/**
 * Which of these lists a report was reduced by. What the list before it lacked is not absent from an image,
 * but unknown.
 */
const REDUCTION = 3;

/** The first list that kept it. */
const KEPT_SINCE = { labels: 2, scores: 2, analysers: 3 } as const;

const Package = z.object({
  ID: text,
  Name: z.string(),
  Version: text,
  Release: text,
  SrcName: text,
  SrcVersion: text,
  FilePath: text,
  Identifier: z.object({ PURL: text }).optional(),
  Licenses: z.array(z.string()).optional(),
  /**
   * Which of Trivy's analysers found it: the package URL follows the name of the operating system, and not
   * where the package was.
   */
  AnalyzedBy: text,
});

/** Which layer it lies in, as the manifest and the config of the image name that layer. */
const Layer = z.object({ Digest: text, DiffID: text }).optional();

const Vulnerability = z.object({
  VulnerabilityID: z.string().min(1),
  PkgName: z.string(),
  PkgPath: text,
  PkgIdentifier: z.object({ PURL: text }).optional(),
  InstalledVersion: text,
  FixedVersion: text,
  Status: text,
  Severity,
  /** Base scores by their source. Trivy leaves out a score of 0. */
  CVSS: z.record(z.string(), z.object({ V3Score: Score, V40Score: Score })).optional(),
  Title: text,
  PrimaryURL: text,
  Layer,
});
export type TrivyVulnerability = z.infer<typeof Vulnerability>;

const Secret = z.object({
  RuleID: z.string(),
  Category: text,
  Severity,
  Title: text,
  StartLine: z.number().optional(),
  EndLine: z.number().optional(),
  Layer,
});

const Misconfiguration = z.object({
  Type: text,
  ID: z.string(),
  Title: text,
  Severity,
  Resolution: text,
  PrimaryURL: text,
  Status: z.enum(['PASS', 'FAIL', 'EXCEPTION']).optional(),
});

const License = z.object({ Severity, Category: text, PkgName: text, FilePath: text, Name: z.string() });

const ReportResult = z.object({
  Target: z.string().max(LONGEST_TARGET),
  Class: z.string(),
  Type: z.string().max(LONGEST_TARGET).optional(),
  Packages: z.array(Package).optional(),
  Vulnerabilities: z.array(Vulnerability).optional(),
  Secrets: z.array(Secret).optional(),
  Misconfigurations: z.array(Misconfiguration).optional(),
  Licenses: z.array(License).optional(),
});

/**
 * What the image says that it was built from, where it says so as it should: these two labels are kept whole,
 * of all others the name.
 */
const BaseImage = z.object({ name: text, digest: text });

const ImageConfig = z.object({
  architecture: text,
  os: text,
  created: text,
  config: z
    .object({
      User: text,
      /** Names of the labels that have a value. */
      LabelNames: z.array(z.string()).optional(),
      BaseImage: BaseImage.optional(),
    })
    .optional(),
});

const Metadata = z.object({
  OS: z
    .object({ Family: z.string(), Name: z.string(), EOSL: z.boolean().optional(), Supplier: text })
    .optional(),
  ImageID: z.string(),
  DiffIDs: z.array(z.string()).optional(),
  RepoDigests: z.array(z.string()).optional(),
  ImageConfig,
});

/** A report as it is kept. */
export const TrivyReport = z.object({
  /** Absent in the first ones, which kept neither labels nor scores. */
  Reduction: z.number().int().optional(),
  SchemaVersion: z.literal(2),
  Trivy: z.object({ Version: z.string() }).optional(),
  CreatedAt: text,
  ArtifactName: z.string(),
  ArtifactType: z.literal('container_image'),
  Metadata,
  Results: z.array(ReportResult).optional(),
});
export type TrivyReport = z.infer<typeof TrivyReport>;

const RawConfig = z
  .object({ User: text, Labels: z.record(z.string(), z.string()).nullish() })
  .transform(({ User, Labels }) => ({ ...(User !== undefined && { User }), ...withoutValues(Labels ?? {}) }));

/** A report as Trivy writes it. */
const RawReport = TrivyReport.omit({ Reduction: true }).extend({
  Metadata: Metadata.extend({ ImageConfig: ImageConfig.extend({ config: RawConfig.optional() }) }),
  Results: z
    .array(ReportResult.extend({ MisconfSummary: z.object({ Failures: z.number() }).optional() }))
    .optional(),
});
type RawReport = z.infer<typeof RawReport>;

const LONGEST_LABEL_NAME = 256;
/**
 * No scheme, no user and no password: whoever writes these into the label gets it kept out, like any other
 * value.
 */
const IMAGE_NAME =
  /^[\w.-]{1,255}(?::\d{1,5})?(?:\/[\w.-]{1,255}){1,32}(?::[\w.-]{1,128})?(?:@sha256:[0-9a-f]{64})?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

function withoutValues(labels: Readonly<Record<string, string>>) {
  const {
    'org.opencontainers.image.base.name': baseName = '',
    'org.opencontainers.image.base.digest': baseDigest = '',
  } = labels;
  const name = IMAGE_NAME.test(baseName) ? { name: baseName } : {};
  const digest = DIGEST.test(baseDigest) ? { digest: baseDigest } : {};
  return {
    LabelNames: Object.entries(labels)
      .filter(([label, value]) => label.length <= LONGEST_LABEL_NAME && plainText(value) !== '')
      .map(([label]) => label),
    BaseImage: { ...name, ...digest },
  };
}

let keys: Keys | undefined;

/**
 * A report from its bytes. What it names but cannot say (a severity of its own, no severity at all) refuses
 * the whole report, and so does what it says twice, in another case, or only in half: what is missing by
 * mistake must not look like what was not found.
 */
export function readTrivyReport(bytes: Uint8Array): Result<TrivyReport, Failure> {
  keys ??= new Keys(z.toJSONSchema(RawReport, { io: 'input' }) as Shape);
  const document = readStrictJson(bytes, keys);
  if (!document.ok) return invalid(document.error);
  const report = RawReport.safeParse(document.value);
  if (!report.success) {
    const [issue] = report.error.issues;
    // labels and sources of scores are part of it: a stranger's text
    const place = plainText(issue?.path.join('.') ?? '', 200);
    return failed({
      cause: 'REPORT_INVALID',
      detail: `the report's ${place || 'document'} is not as Trivy writes it: ${issue?.code ?? 'unknown'}`,
    });
  }
  const { Results, ...rest } = report.data;
  const listed = findingsListed(Results);
  if (listed > Limit.findings) {
    return failed({
      cause: 'REPORT_TOO_LARGE',
      detail: `the report has ${listed} findings, allowed: ${Limit.findings}`,
    });
  }
  const incomplete = whyIncomplete(report.data);
  if (incomplete !== undefined) return invalid(incomplete);
  const results = Results?.map(({ MisconfSummary: _summary, ...result }) => result);
  return ok({ Reduction: REDUCTION, ...rest, ...(results !== undefined && { Results: results }) });
}

function invalid(why: string): Result<never, Failure> {
  return failed({ cause: 'REPORT_INVALID', detail: `the report ${why}` });
}

/** With those that are listed more than once: all of them take time. */
function findingsListed(results: RawReport['Results'] = []): number {
  return results.reduce(
    (sum, { Vulnerabilities, Secrets, Misconfigurations, Licenses }) =>
      sum +
      [Vulnerabilities, Secrets, Misconfigurations, Licenses].reduce(
        (count, list) => count + (list?.length ?? 0),
        0,
      ),
    0,
  );
}

/**
 * What Trivy never writes without the other half (0.74: `pkg/scan/ospkg`, `pkg/scan/langpkg`,
 * `pkg/scan/local`, `filterMisconfigurations` in `pkg/result`). An operating system without packages is no
 * such case: Trivy writes that, and the rule `coverage` decides on it.
 */
function whyIncomplete({ Metadata: { OS }, Results = [] }: RawReport): string | undefined {
  for (const { Class, Packages = [], Secrets = [], Misconfigurations = [], MisconfSummary } of Results) {
    if (Class === 'os-pkgs' && OS === undefined) {
      return 'has packages of an operating system, and does not say of which';
    }
    if (Class === 'lang-pkgs' && Packages.length === 0) {
      return 'has a result for packages, and no package in it';
    }
    if (Class === 'secret' && Secrets.length === 0) return 'has a result for secrets, and no secret in it';
    const refused = Misconfigurations.filter(
      ({ Status }) => Status === undefined || Status === 'FAIL',
    ).length;
    const { Failures = refused } = MisconfSummary ?? {};
    if (Failures !== refused) return `counts ${Failures} checks that failed, and lists ${refused}`;
  }
  return undefined;
}

/**
 * Why a rule that looks at what was not always kept is indeterminate: in this report it may be missing because
 * nobody kept it. Another scan keeps it.
 */
export function notKept(report: TrivyReport, what: keyof typeof KEPT_SINCE): Failure | undefined {
  if ((report.Reduction ?? 1) >= KEPT_SINCE[what]) return undefined;
  return {
    cause: 'REPORT_OUTDATED',
    detail: `the report of this scan was stored by an earlier version of this library, which kept no ${what}; the policy needs them, so the image must be scanned again`,
  };
}
