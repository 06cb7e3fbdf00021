import * as z from 'zod';
import { ScanId } from '../ids';
import { ImageName } from '../image/image';
import { Accounting } from '../scanning/accounting';
import { ScanReason } from '../scanning/scan-request';

/** What the scanner knew. */
export const Coverage = z.object({
  /** Its database does not have the release of the operating system. */
  unknownRelease: z.boolean(),
  /** The version of a package that it has advisories for, and could not compare with them. */
  uncomparedVersion: z.string().optional(),
  /** Absent in what earlier versions stored. */
  accounting: Accounting.optional(),
});
export type Coverage = z.infer<typeof Coverage>;

/** What scanned. */
export const ScannerIdentity = z.object({
  image: z.string(),
  version: z.string(),
  /** sha256 of the buildspec: it has the hash of the image reader and all flags of Trivy. */
  buildspec: z.string().optional(),
});

/** The databases of a scan. Without archives of Java, Trivy has no Java database. */
export const DatabaseIdentity = z.object({
  updatedAt: z.iso.datetime(),
  javaUpdatedAt: z.iso.datetime().optional(),
});

/** `scan.json`, beside the report of the scan. Both together are enough to judge again without a scan. */
export const ScanRecord = z.object({
  schema: z.literal(1),
  image: ImageName,
  scanId: ScanId,
  scanSeq: z.number().int(),
  reason: ScanReason,
  buildId: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  exitCode: z.literal(0),
  scanner: ScannerIdentity,
  database: DatabaseIdentity,
  coverage: Coverage,
  /** sha256 of the SHA256SUMS that the build exported. */
  checksum: z.string(),
});
export type ScanRecord = z.infer<typeof ScanRecord>;

/** `scan.json` of a scan that ended indeterminate: its cause. There is no report beside it. */
export const FailedScanRecord = z.object({
  schema: z.literal(1),
  image: ImageName,
  scanId: ScanId,
  buildId: z.string(),
  cause: z.string(),
  detail: z.string(),
});
export type FailedScanRecord = z.infer<typeof FailedScanRecord>;
