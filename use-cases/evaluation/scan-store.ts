import { gzipSync } from 'node:zlib';
import type { CollectedScan } from './collect-scan';
import type { EvaluateContext } from './evaluate-ports';
import { ScanFile, scanKey } from '../../src/core/evidence/evidence-keys';
import { FailedScanRecord, ScanRecord } from '../../src/core/evidence/scan-record';
import type { ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { normalise } from '../../src/core/scanning/normalise';
import { toSarif } from '../../src/core/scanning/sarif';
import { reduceSbom } from '../../src/core/scanning/sbom';
import type { TrivyReport } from '../../src/core/scanning/trivy-report';
import { loadReport, type EvidenceReader } from '../evidence/evidence-documents';

type Evidence = EvaluateContext['evidence'];

const JSON_GZIP = 'application/gzip';

/**
 * Stores a scan as evidence: the reduced report, its SARIF, the SBOM, and last `scan.json`: the scan is
 * whole.
 */
export async function storeScan(
  record: ScanRecord,
  { report, sbom, form }: CollectedScan,
  reference: string,
  evidence: Evidence,
): Promise<void> {
  const key = (file: string) => scanKey(record.image, record.scanId, file);
  const put = (file: string, document: object) =>
    evidence.writeOnce(key(file), gzipSync(JSON.stringify(document), { level: 4 }), JSON_GZIP);
  await Promise.all([
    put(ScanFile.report, report),
    put(ScanFile.sarif, toSarif(normalise(report), record.scanner)),
    sbom === undefined ? undefined : putSbom(reduceSbom(sbom, form, reference), put),
  ]);
  await evidence.writeOnce(key(ScanFile.scan), JSON.stringify(record), 'application/json');
}

export async function storeFailedScan(record: FailedScanRecord, evidence: Evidence): Promise<void> {
  await evidence.writeOnce(
    scanKey(record.image, record.scanId, ScanFile.scan),
    JSON.stringify(record),
    'application/json',
  );
}

/** The build whose result is stored as this scan, whether it succeeded or failed. */
export async function buildOfScan(
  image: ImageName,
  scanId: string,
  evidence: Evidence,
): Promise<string | undefined> {
  const scan = await evidence.read(scanKey(image, scanId, ScanFile.scan), Limit.scanRecordBytes);
  return scan === undefined
    ? undefined
    : FailedScanRecord.pick({ buildId: true }).parse(JSON.parse(new TextDecoder().decode(scan))).buildId;
}

export interface StoredScan {
  readonly record: ScanRecord;
  readonly report: TrivyReport;
}

/** A stored scan, or undefined if it is not complete. */
export async function loadScan(
  image: ImageName,
  scanId: string,
  evidence: EvidenceReader,
): Promise<StoredScan | undefined> {
  const [scan, report] = await Promise.all([
    evidence.read(scanKey(image, scanId, ScanFile.scan), Limit.scanRecordBytes),
    loadReport(image, scanId, evidence),
  ]);
  if (scan === undefined || report === undefined) return undefined;
  const record = ScanRecord.safeParse(JSON.parse(new TextDecoder().decode(scan)));
  return record.success ? { record: record.data, report } : undefined;
}

async function putSbom(
  sbom: ReturnType<typeof reduceSbom>,
  put: (file: string, document: object) => Promise<boolean>,
): Promise<void> {
  // the report alone judges an image: a broken SBOM is not stored, and changes no verdict
  if (sbom.ok) await put(ScanFile.sbom, sbom.value);
}
