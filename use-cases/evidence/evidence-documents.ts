import { gunzipSync } from 'node:zlib';
import { ScanFile, scanKey } from '../../src/core/evidence/evidence-keys';
import { Verdict, type VerdictSummary } from '../../src/core/evidence/verdict';
import type { ImageName } from '../../src/core/image/image';
import { Limit } from '../../src/core/limits';
import { TrivyReport } from '../../src/core/scanning/trivy-report';
import { sha256Of } from '../../src/core/text/sha256';

export interface EvidenceReader {
  read(key: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

export const MAX_VERDICT_BYTES = Limit.reportUnzippedBytes;

/**
 * The verdict that a row points to, by its hash. Throws if it is not there or differs: then nothing is
 * decided.
 */
export async function loadVerdict(
  { evidenceKey, sha256 }: Pick<VerdictSummary, 'evidenceKey' | 'sha256'>,
  image: ImageName,
  evidence: EvidenceReader,
): Promise<Verdict> {
  const bytes = await evidence.read(evidenceKey, MAX_VERDICT_BYTES);
  if (bytes === undefined || sha256Of(bytes) !== sha256) {
    throw new Error(`${evidenceKey} is not what the register says: find out who changed the evidence bucket`);
  }
  return parseVerdict(bytes, image);
}

export function parseVerdict(bytes: Uint8Array, image: ImageName): Verdict {
  const verdict = Verdict.parse(JSON.parse(new TextDecoder().decode(bytes)));
  if (verdict.image !== image) {
    throw new Error(`a verdict of ${verdict.image} is stored among those of ${image}`);
  }
  return verdict;
}

/** The stored report of a scan, or undefined if it is not there. */
export async function loadReport(
  image: ImageName,
  scanId: string,
  evidence: EvidenceReader,
): Promise<TrivyReport | undefined> {
  const zipped = await evidence.read(scanKey(image, scanId, ScanFile.report), Limit.reportBytes);
  if (zipped === undefined) return undefined;
  return TrivyReport.parse(
    JSON.parse(gunzipSync(zipped, { maxOutputLength: Limit.reportUnzippedBytes }).toString('utf8')),
  );
}
