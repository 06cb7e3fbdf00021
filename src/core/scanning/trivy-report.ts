import * as z from 'zod';
import { failed, ok, type Result } from '../result';
import type { Failure } from './attempt';
import { Severity } from './severity';

/*
 * What is read of Trivy's JSON report, and with that all that is kept of it: an object schema drops what it does not name. Env, Cmd,
 * Labels, history, matches and code lines are where secrets live on; they are not named here, so they are stored nowhere (rule 5.5).
 */

const text = z.string().optional();

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
});

const Vulnerability = z.object({
  VulnerabilityID: z.string().min(1),
  PkgName: z.string(),
  PkgPath: text,
  PkgIdentifier: z.object({ PURL: text }).optional(),
  InstalledVersion: text,
  FixedVersion: text,
  Status: text,
  Severity,
  Title: text,
  PrimaryURL: text,
});
export type TrivyVulnerability = z.infer<typeof Vulnerability>;

const Secret = z.object({
  RuleID: z.string(),
  Category: text,
  Severity,
  Title: text,
  StartLine: z.number().optional(),
  EndLine: z.number().optional(),
});

const Misconfiguration = z.object({
  Type: text, ID: z.string(), Title: text, Severity, Resolution: text, PrimaryURL: text, Status: z.enum(['PASS', 'FAIL', 'EXCEPTION']).optional(),
});

const License = z.object({ Severity, Category: text, PkgName: text, FilePath: text, Name: z.string() });

const ReportResult = z.object({
  Target: z.string(),
  Class: z.string(),
  Type: text,
  Packages: z.array(Package).optional(),
  Vulnerabilities: z.array(Vulnerability).optional(),
  Secrets: z.array(Secret).optional(),
  Misconfigurations: z.array(Misconfiguration).optional(),
  Licenses: z.array(License).optional(),
});

export const TrivyReport = z.object({
  SchemaVersion: z.literal(2),
  Trivy: z.object({ Version: z.string() }).optional(),
  CreatedAt: text,
  ArtifactName: z.string(),
  ArtifactType: z.literal('container_image'),
  Metadata: z.object({
    OS: z.object({ Family: z.string(), Name: z.string(), EOSL: z.boolean().optional() }).optional(),
    ImageID: z.string(),
    DiffIDs: z.array(z.string()).optional(),
    RepoDigests: z.array(z.string()).optional(),
    ImageConfig: z.object({
      architecture: text,
      os: text,
      created: text,
      config: z.object({ User: text }).optional(),
    }),
  }),
  Results: z.array(ReportResult).optional(),
});
export type TrivyReport = z.infer<typeof TrivyReport>;

/** A report from its bytes. What it names but cannot say (a severity of its own, no severity at all) refuses the whole report. */
export function readTrivyReport(bytes: Uint8Array): Result<TrivyReport, Failure> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return failed({ cause: 'REPORT_INVALID', detail: `the report is not JSON: ${error instanceof Error ? error.name : 'unreadable'}` });
  }
  const report = TrivyReport.safeParse(document);
  if (report.success) return ok(report.data);
  const [issue] = report.error.issues;
  return failed({ cause: 'REPORT_INVALID', detail: `the report's ${issue?.path.join('.') || 'document'} is not as Trivy writes it: ${issue?.code ?? 'unknown'}` });
}
