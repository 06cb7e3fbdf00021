import { gunzipSync } from 'node:zlib';
import type { EvaluateContext } from './evaluate-ports';
import { IncomingFile, incomingKey } from '../../src/core/evidence/evidence-keys';
import type { Coverage, ScanRecord } from '../../src/core/evidence/scan-record';
import { Limit } from '../../src/core/limits';
import { failed, ok, type Result } from '../../src/core/result';
import { readAccounting, type ReadAccounting } from '../../src/core/scanning/accounting';
import { dropDistributionsOwn } from '../../src/core/scanning/drop-distributions-own';
import type { Failure } from '../../src/core/scanning/failed-scan';
import {
  ofOriginal,
  readNormalForm,
  type AskedImage,
  type NormalForm,
} from '../../src/core/scanning/normal-form';
import { readChecksums, exportedChecksum, type Build } from '../../src/core/scanning/provenance';
import { readTrivyReport } from '../../src/core/scanning/read-trivy-report';
import {
  classifyBuildStatus,
  classifyFailure,
  readCoverage,
  readScannerRun,
  readScannerVersion,
  type ScannerRun,
} from '../../src/core/scanning/scan-outcome';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { sha256Of } from '../../src/core/text/sha256';
import { isTooIntricate } from '../../src/core/text/strict-json';
import { Seconds } from '../../src/core/times';

/** What a build found, read once: the bytes that were hashed are parsed (rule 5.2, provenance). */
export interface CollectedScan {
  /** About the image itself, not about its normal form. */
  readonly report: TrivyReport;
  readonly form: NormalForm;
  readonly sbom: Uint8Array | undefined;
  readonly scannerVersion: string;
  readonly database: ScanRecord['database'];
  readonly scannedAt: string;
  readonly finishedAt: string;
  readonly coverage: Coverage;
  /** `SHA256SUMS` of the upload. */
  readonly checksum: string;
}

export interface Asked extends AskedImage {
  readonly scanId: string;
}

export async function collectScan(
  build: Build,
  asked: Asked,
  { uploads, now }: Pick<EvaluateContext, 'uploads' | 'now'>,
): Promise<Result<CollectedScan, Failure>> {
  const failure = classifyBuildStatus(build);
  if (failure !== undefined) return failed(failure);
  const files = await readFiles(build, asked.scanId, uploads);
  if (!files.ok) return files;

  const text = (file: string) => new TextDecoder().decode(files.value.get(file));
  const run = readScannerRun(text(IncomingFile.run));
  if (!run.ok) return run;
  const errors = text(IncomingFile.errors);
  const form = formOf(files.value, run.value, errors);
  if (!form.ok) return form;
  if (run.value.exitCode !== 0) return failed(classifyFailure(run.value, errors));
  const version = readScannerVersion(text(IncomingFile.version));
  if (!version.ok) return version;
  const { updatedAt } = version.value.database;
  if (isInFuture(updatedAt, now)) {
    return failed({
      cause: 'DATABASE_STALE',
      detail: `the vulnerability database is of ${updatedAt}, and now it is ${now.toISOString()}`,
    });
  }

  const report = parseReport(files.value.get(IncomingFile.report));
  if (!report.ok) return report;
  const original = ofOriginal(report.value, form.value, asked);
  if (!original.ok) return failed({ cause: 'PROVENANCE', detail: original.error });
  const accounted = accountingOf(files.value);
  if (!accounted.ok) return accounted;
  const { accounting, ofDistribution } = accounted.value;
  return ok({
    report: dropDistributionsOwn(original.value, ofDistribution),
    form: form.value,
    sbom: unzipSbom(files.value.get(IncomingFile.sbom)),
    scannerVersion: version.value.version,
    database: version.value.database,
    scannedAt: run.value.startedAt,
    finishedAt: run.value.finishedAt,
    coverage: { ...readCoverage(errors), accounting },
    checksum: exportedChecksum(build)!,
  });
}

/**
 * After a verdict with a database from the future, every later database would be older than it. The
 * evaluator's clock decides, because code in the build can set the build's. A year must have four digits: a
 * verdict with any other could not be read again.
 */
function isInFuture(databaseUpdatedAt: string, now: Date): boolean {
  return (
    !/^\d{4}-/.test(databaseUpdatedAt) ||
    Date.parse(databaseUpdatedAt) > now.getTime() + Seconds.databaseClockSkew * 1000
  );
}

const LIMITS: readonly (readonly [string, number])[] = [
  [IncomingFile.form, Limit.formBytes],
  [IncomingFile.run, Limit.smallFileBytes],
  [IncomingFile.version, Limit.smallFileBytes],
  [IncomingFile.errors, Limit.smallFileBytes],
  [IncomingFile.report, Limit.reportBytes],
  [IncomingFile.sbom, Limit.sbomBytes],
  [IncomingFile.accounting, Limit.accountingBytes],
];

async function readFiles(
  build: Build,
  scanId: string,
  uploads: EvaluateContext['uploads'],
): Promise<Result<ReadonlyMap<string, Uint8Array>, Failure>> {
  const exported = exportedChecksum(build);
  const sums = await readUpload(scanId, IncomingFile.checksums, Limit.smallFileBytes, uploads);
  if (sums === 'too large') return tooLarge(IncomingFile.checksums, Limit.smallFileBytes);
  if (exported === undefined || sums === undefined) {
    return failed({ cause: 'REPORT_MISSING', detail: 'the build ended without uploading what it found' });
  }
  if (sha256Of(sums) !== exported) {
    return failed({ cause: 'PROVENANCE', detail: 'SHA256SUMS is not the one that the build exported' });
  }
  const expected = readChecksums(new TextDecoder().decode(sums));
  if (!expected.ok) return failed({ cause: 'PROVENANCE', detail: expected.error });

  const named = LIMITS.filter(([file]) => expected.value.has(file));
  const read = await Promise.all(
    named.map(async ([file, maxBytes]) => readUpload(scanId, file, maxBytes, uploads)),
  );
  const files = new Map<string, Uint8Array>();
  for (const [index, [file, maxBytes]] of named.entries()) {
    const bytes = read[index];
    if (bytes === 'too large') return tooLarge(file, maxBytes);
    if (bytes === undefined) {
      return failed({ cause: 'REPORT_MISSING', detail: `the build did not upload ${file}` });
    }
    if (sha256Of(bytes) !== expected.value.get(file)) {
      return failed({ cause: 'PROVENANCE', detail: `${file} is not the one that the build wrote` });
    }
    files.set(file, bytes);
  }
  return ok(files);
}

function readUpload(
  scanId: string,
  file: string,
  maxBytes: number,
  uploads: EvaluateContext['uploads'],
): Promise<Uint8Array | undefined | 'too large'> {
  return uploads.read(incomingKey(scanId, file), maxBytes).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'OBJECT_TOO_LARGE') return 'too large' as const;
    throw error;
  });
}

function tooLarge(file: string, maxBytes: number): Result<never, Failure> {
  return failed({ cause: 'REPORT_TOO_LARGE', detail: `${file} has more than ${maxBytes} bytes` });
}

function parseReport(zipped: Uint8Array | undefined): Result<TrivyReport, Failure> {
  if (zipped === undefined) {
    return failed({ cause: 'REPORT_MISSING', detail: 'Trivy succeeded, but wrote no report' });
  }
  const bytes = unzip(zipped, Limit.reportUnzippedBytes);
  if (bytes === undefined) {
    return failed({
      cause: 'REPORT_INVALID',
      detail: `the report is not gzip, is cut off, or has more than ${Limit.reportUnzippedBytes} bytes`,
    });
  }
  return readTrivyReport(bytes);
}

/** An SBOM that cannot be read is left out: it changes no verdict. */
function unzipSbom(zipped: Uint8Array | undefined): Uint8Array | undefined {
  const bytes = zipped === undefined ? undefined : unzip(zipped, Limit.sbomUnzippedBytes);
  return bytes === undefined || isTooIntricate(bytes) ? undefined : bytes;
}

/** If the image could not be read, the reader of images says why; otherwise the exit of Trivy counts. */
function formOf(
  files: ReadonlyMap<string, Uint8Array>,
  run: ScannerRun,
  errors: string,
): Result<NormalForm, Failure> {
  const bytes = files.get(IncomingFile.form);
  if (bytes === undefined && run.step === 'read') return failed(classifyFailure(run, errors));
  if (bytes === undefined) {
    return failed({ cause: 'REPORT_MISSING', detail: `the build did not upload ${IncomingFile.form}` });
  }
  const form = readNormalForm(new TextDecoder().decode(bytes));
  return form.ok && run.step === 'read' ? failed(classifyFailure(run, errors)) : form;
}

/** Without it nobody knows what the report leaves out. */
function accountingOf(files: ReadonlyMap<string, Uint8Array>): Result<ReadAccounting, Failure> {
  const bytes = files.get(IncomingFile.accounting);
  return bytes === undefined
    ? failed({ cause: 'REPORT_MISSING', detail: `the build did not upload ${IncomingFile.accounting}` })
    : readAccounting(new TextDecoder().decode(bytes));
}

function unzip(bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch {
    return undefined;
  }
}
