import * as z from 'zod';
import type { Failure } from './failed-scan';
import { Severity } from './finding';

/*
 * The fields of Trivy's JSON report that are read, and so the only ones that are stored: an object schema
 * drops what it does not name. Env, Cmd, values of labels, history, matches and code lines can contain
 * secrets. They are not named here, so they are stored nowhere (rule 5.5, untrusted text).
 */

const text = z.string().optional();

/**
 * CVSS 3.x and 4.0 (https://www.first.org/cvss/specification-document). Below 0 it would pass every
 * threshold.
 */
const Score = z.number().min(0).max(10).optional();

/**
 * Longer than any path of a kernel (PATH_MAX is 4096). A target is part of the fingerprint of each secret
 * in it.
 */
const LONGEST_TARGET = 16_384;

/**
 * The version of this schema, stored with a report. What an earlier version lacked is unknown, not absent.
 */
export const REDUCTION = 4;

/** The first version that kept it. */
const KEPT_SINCE = { labels: 2, scores: 2, analysers: 3, users: 4 } as const;

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
   * The analyser of Trivy that found it. The package URL names the operating system, not the place of the
   * package.
   */
  AnalyzedBy: text,
});

/** The layer that contains it, by its digest in the manifest and in the config. */
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

export const Secret = z.object({
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

export const ReportResult = z.object({
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
 * The base image, if its labels are well formed. These two labels are kept whole; of all others only the
 * name is.
 */
const BaseImage = z.object({ name: text, digest: text });

/** What /etc/passwd of the image says of `User`. The image reader says it, and not Trivy. */
const UserEntry = z.object({
  Name: z.string(),
  Uid: z.number().int().optional(),
  Line: z.number().int().optional(),
  Unknown: text,
});

export const ImageConfig = z.object({
  architecture: text,
  os: text,
  created: text,
  config: z
    .object({
      User: text,
      UserEntry: UserEntry.optional(),
      /** Names of the labels that have a value. */
      LabelNames: z.array(z.string()).optional(),
      BaseImage: BaseImage.optional(),
    })
    .optional(),
});

export const Metadata = z.object({
  OS: z
    .object({ Family: z.string(), Name: z.string(), EOSL: z.boolean().optional(), Supplier: text })
    .optional(),
  ImageID: z.string(),
  DiffIDs: z.array(z.string()).optional(),
  RepoDigests: z.array(z.string()).optional(),
  ImageConfig,
});

/** A report as it is stored. */
export const TrivyReport = z.object({
  /** Absent in the first version, which kept neither labels nor scores. */
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

/**
 * Why a rule is indeterminate about a stored report: an earlier version of the schema did not keep what the
 * rule needs. Another scan keeps it.
 */
export function notKept(report: TrivyReport, what: keyof typeof KEPT_SINCE): Failure | undefined {
  if ((report.Reduction ?? 1) >= KEPT_SINCE[what]) return undefined;
  return {
    cause: 'REPORT_OUTDATED',
    detail: `the report of this scan was stored by an earlier version of this library, which kept no ${what}; the policy needs them, so the image must be scanned again`,
  };
}
