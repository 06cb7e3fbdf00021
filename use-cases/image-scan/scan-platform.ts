import type { Judged, PlatformError } from './answer';
import type { PolicyForImage } from './chosen-policy';
import { platformName, type PlatformImage } from './platform-images';
import { remedyFor } from './remedy';
import type { ImageSource } from '../../adapters/oci/image-source';
import { accountFor, readImage } from '../../adapters/programs/image-reader';
import type { AccountFor, ReadForm, Trivy, TrivyRun } from '../../adapters/programs/trivy';
import type { TrivyOptions } from '../../adapters/programs/trivy-environment';
import { evaluate } from '../../src/core/evaluation/evaluate';
import { derivedId } from '../../src/core/ids';
import { imageName, imageReference } from '../../src/core/image/image';
import type { AskRego } from '../../src/core/rego/rego-program';
import { failed, ok, type Result } from '../../src/core/result';
import { readAccounting, type ReadAccounting } from '../../src/core/scanning/accounting';
import { dropDistributionsOwn } from '../../src/core/scanning/drop-distributions-own';
import type { Failure } from '../../src/core/scanning/failed-scan';
import { NormalFormFile, ofOriginal, type AskedImage } from '../../src/core/scanning/normal-form';
import { readTrivyReport } from '../../src/core/scanning/read-trivy-report';
import { reduceSbom } from '../../src/core/scanning/sbom';
import {
  classifyFailure,
  readCoverage,
  readScannerVersion,
  type ScannerRun,
} from '../../src/core/scanning/scan-outcome';
import type { Scanner } from '../../src/core/scanning/trivy-flags';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { sha256Of } from '../../src/core/text/sha256';
import { splitBase, type KnownThere } from '../evaluation/split-base';

const URL_SUFFIX = 'amazonaws.com';

export interface PlatformScan extends TrivyOptions {
  readonly source: ImageSource;
  readonly trivy: Trivy;
  /** Of Trivy. Rejects where it is none that judges as the deployed one does. */
  readonly version: Promise<string>;
  readonly by: PolicyForImage;
  /** For a page: where base images are asked for. */
  readonly known?: KnownThere;
  readonly wantsSbom: boolean;
  readonly scratch: string;
  readonly rego: AskRego;
  readonly now: () => Date;
}

/** One image, one process, one verdict; the same steps as a build and the evaluator take. */
export async function scanPlatform(
  image: PlatformImage,
  scan: PlatformScan,
): Promise<Judged | PlatformError> {
  const { source, trivy, scanners, seconds, by, now } = scan;
  const { digest } = image.descriptor;
  let sbom: Uint8Array | undefined;
  const readForm: ReadForm = async (out, scratch) =>
    readImage({ digest, layout: await source.layoutOf(image, scan.scratch), out, scratch, seconds });
  const account: AccountFor = async folder => accountFor({ ...folder, seconds });
  const scanned = await trivy.scan({ read: readForm, account }, scan, async folder => {
    if (scan.wantsSbom) sbom = await trivy.toSbom(folder);
  });
  const version = await scan.version; // before anything that Trivy says is looked at
  const platformError = (
    { cause, detail }: Failure,
    platform = image.platform,
    step: ScannerRun['step'] = 'scan',
  ): PlatformError => ({
    ...(platform !== undefined && { platform }),
    cause,
    detail,
    remedy: remedyFor(cause, scan, step),
  });
  if (!scanned.ok) return platformError(scanned.error, image.platform, 'read');
  const run = scanned.value;
  const platform = image.platform ?? platformName(run.form.platform);
  if (run.code !== 0) {
    const failure = classifyFailure({ step: run.step, exitCode: run.code }, run.stderr);
    return platformError(failure, platform, run.step);
  }
  const database = databaseOf(run.databaseMetadata, scanners, version);
  if (!database.ok) return platformError(database.error, platform);
  // the name that the image would have: Rego may look at it, and where it lies on this machine is nobody's
  // business
  const reference = imageReference({ ...by.image, digest }, URL_SUFFIX);
  const read = reportOf(run, { reference, digest, configDigest: image.config.digest });
  if (!read.ok) return platformError(read.error, platform);
  const accounted = accountingOf(run, scanners);
  if (!accounted.ok) return platformError(accounted.error, platform);
  const { accounting, ofDistribution = [] } = accounted.value ?? {};
  const report = dropDistributionsOwn(read.value, ofDistribution);

  const id = derivedId(sha256Of(`${digest}${run.startedAt.toISOString()}`));
  const evaluated = evaluate({
    scan: {
      image: imageName({ ...by.image, digest }),
      scanId: id,
      scanSeq: 0,
      reason: 'request',
      scannedAt: run.startedAt.toISOString(),
      scanner: { image: 'local', version },
      database: { updatedAt: database.value },
      coverage: { ...readCoverage(run.stderr), ...(accounting !== undefined && { accounting }) },
    },
    report,
    policy: by.policy,
    waivers: by.waivers,
    gracePeriods: new Map(),
    rego: scan.rego,
    verdictId: id,
    now: now(),
  });
  if ('failure' in evaluated) return platformError(evaluated.failure, platform);
  const document = sbom === undefined ? undefined : reduceSbom(sbom, run.form, reference);
  const { verdict, findings } = evaluated;
  const found = { findings, policy: by.policy.document, report };
  const base = await splitBase(
    verdict,
    found,
    scan.known && { ...scan.known, urlSuffix: URL_SUFFIX, now: now() },
  );
  return {
    image: { ...image, platform },
    verdict,
    findings,
    ...(base !== undefined && { base }),
    ...(document?.ok === true && { sbom: document.value }),
  };
}

/** Trivy's report names no database; this is the file that `trivy version` reads too. */
function databaseOf(
  metadata: unknown,
  scanners: readonly Scanner[],
  version: string,
): Result<string, Failure> {
  // none was asked, and no rule that is asked looks at it
  if (!scanners.includes('vuln')) return ok(new Date(0).toISOString());
  const read = readScannerVersion(
    JSON.stringify({ Version: version, VulnerabilityDB: metadata ?? undefined }),
  );
  return read.ok ? ok(read.value.database.updatedAt) : read;
}

/** Undefined where nobody asked for vulnerabilities: then no rule that is asked looks at it. */
function accountingOf(
  { accounting }: TrivyRun,
  scanners: readonly Scanner[],
): Result<ReadAccounting | undefined, Failure> {
  if (!scanners.includes('vuln')) return ok(undefined);
  return accounting === undefined
    ? failed({ cause: 'REPORT_MISSING', detail: `there is no ${NormalFormFile.accounting}` })
    : readAccounting(accounting);
}

function reportOf({ report: bytes, form }: TrivyRun, asked: AskedImage): Result<TrivyReport, Failure> {
  if (bytes === undefined) {
    return failed({ cause: 'REPORT_MISSING', detail: 'Trivy succeeded, but wrote no report' });
  }
  if (bytes === 'too large') {
    return failed({ cause: 'REPORT_TOO_LARGE', detail: 'the report has more bytes than are read' });
  }
  const report = readTrivyReport(bytes);
  if (!report.ok) return report;
  // a report is bound to the image that was asked for, as in the evaluator
  const original = ofOriginal(report.value, form, asked);
  return original.ok ? original : failed({ cause: 'REPORT_INVALID', detail: original.error });
}
