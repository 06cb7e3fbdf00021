import { createHash } from 'node:crypto';
import type { Judged, Untold } from './answer';
import type { ImageSource } from './image-source';
import type { Scanner } from './options';
import type { PlatformImage } from './platform-images';
import type { Ended } from './process';
import { remedyFor } from './remedy';
import type { JudgedBy } from './rulebook';
import type { Trivy } from './trivy';
import { derivedId } from '../../src/core/ids';
import { imageName, imageReference } from '../../src/core/image';
import { plainText } from '../../src/core/plain-text';
import { evaluate } from '../../src/core/policy/evaluate';
import type { AskRego } from '../../src/core/policy/rego-rule';
import { failed, ok, type Result } from '../../src/core/result';
import type { Failure } from '../../src/core/scanning/attempt';
import { normalise } from '../../src/core/scanning/normalise';
import { reduceSbom } from '../../src/core/scanning/sbom';
import { classifyScannerFailure, readCoverage, readScannerVersion } from '../../src/core/scanning/scan-outcome';
import { readTrivyReport, type TrivyReport } from '../../src/core/scanning/trivy-report';

export interface PlatformScan {
  readonly source: ImageSource;
  readonly trivy: Trivy;
  /** Of Trivy. Rejects where it is none that judges as the deployed one does. */
  readonly version: Promise<string>;
  readonly by: JudgedBy;
  readonly scanners: readonly Scanner[];
  readonly cache: string;
  readonly databaseFlags: readonly string[];
  readonly seconds: number;
  readonly wantsSbom: boolean;
  readonly scratch: string;
  readonly rego: AskRego;
  readonly now: () => Date;
}

/** One image, one process, one verdict; the same steps as a build and the evaluator take. */
export async function scanPlatform(image: PlatformImage, scan: PlatformScan): Promise<Judged | Untold> {
  const { source, trivy, cache, scanners, databaseFlags, seconds } = scan;
  const named = await source.nameFor(image.descriptor.digest, image.descriptor, scan.scratch);
  let sbom: Uint8Array | undefined;
  const run = await trivy.scan(named, { cache, scanners, databaseFlags, seconds }, async folder => {
    if (scan.wantsSbom) sbom = await trivy.toSbom(folder);
  });
  const version = await scan.version; // before anything that Trivy says is looked at
  const untold = ({ cause, detail }: Failure): Untold => ({ platform: image.platform, cause, detail, remedy: remedyFor(cause, scan) });
  if (run.code !== 0) return untold(whyEnded(run));
  const database = databaseOf(run.databaseMetadata, scanners, version);
  if (!database.ok) return untold(database.error);
  const report = reportOf(run.report, image, named);
  if (!report.ok) return untold(report.error);

  const { by, now } = scan;
  const id = derivedId(createHash('sha256').update(`${image.descriptor.digest}${run.startedAt.toISOString()}`).digest());
  // the name that the image would have: Rego may look at it, and where it lies on this machine is nobody's business
  const renamed = { ...report.value, ArtifactName: imageReference({ ...by.image, digest: image.descriptor.digest }, 'amazonaws.com') };
  const evaluated = evaluate({
    scan: {
      image: imageName({ ...by.image, digest: image.descriptor.digest }),
      scanId: id,
      scanSeq: 0,
      reason: 'request',
      scannedAt: run.startedAt.toISOString(),
      scanner: { image: 'local', version },
      database: { updatedAt: database.value },
      coverage: { ...readCoverage(run.stderr), unsearchedLayers: image.unsearchedLayers },
    },
    report: renamed,
    policy: by.policy,
    waivers: by.waivers,
    windows: new Map(),
    rego: scan.rego,
    verdictId: id,
    now: now(),
  });
  if ('failure' in evaluated) return untold(evaluated.failure);
  const document = sbom === undefined ? undefined : reduceSbom(sbom);
  return { image, verdict: evaluated.verdict, findings: normalise(report.value), ...(document?.ok === true && { sbom: document.value }) };
}

/** In a build 137 says that the time was up. Here that is 124: it was somebody else who ended it, and mostly the kernel, for the memory. */
function whyEnded({ code, stderr }: Ended): Failure {
  if (code <= 128) return classifyScannerFailure(code, stderr);
  return { cause: 'SCANNER_CRASHED', detail: `Trivy was ended by a signal (exit code ${code}), as it is where memory runs out` };
}

/** Trivy's report names no database; this is the file that `trivy version` reads too. */
function databaseOf(metadata: unknown, scanners: readonly Scanner[], version: string): Result<string, Failure> {
  if (!scanners.includes('vuln')) return ok(new Date(0).toISOString()); // none was asked, and no rule that is asked looks at it
  const read = readScannerVersion(JSON.stringify({ Version: version, VulnerabilityDB: metadata ?? undefined }));
  return read.ok ? ok(read.value.databaseUpdatedAt) : read;
}

function reportOf(bytes: Uint8Array | 'too large' | undefined, image: PlatformImage, named: object): Result<TrivyReport, Failure> {
  if (bytes === undefined) return failed({ cause: 'REPORT_MISSING', detail: 'Trivy ended well, but wrote no report' });
  if (bytes === 'too large') return failed({ cause: 'REPORT_TOO_LARGE', detail: 'the report has more bytes than are read' });
  const report = readTrivyReport(bytes);
  if (!report.ok) return report;
  const { ArtifactName, Metadata: { ImageID } } = report.value;
  // a report is bound to the image that was asked for, as in the evaluator
  if (ImageID !== image.configDigest) return failed({ cause: 'REPORT_INVALID', detail: `the report is about an image with the config ${plainText(ImageID, 80)}, asked for: ${image.configDigest}` });
  if (!Object.values(named).includes(ArtifactName)) return failed({ cause: 'REPORT_INVALID', detail: `the report is about ${plainText(ArtifactName, 120)}, which was not asked for` });
  return report;
}
