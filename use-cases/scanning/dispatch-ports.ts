import type { FoundManifest, ManifestError } from '../../adapters/aws/ecr-manifests';
import type { Image, ImageName, Place } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { Result } from '../../src/core/result';
import type { Cause } from '../../src/core/scanning/failed-scan';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import type { ScanRequest } from '../../src/core/scanning/scan-request';
import { Seconds } from '../../src/core/times';

export type FetchedManifest = Pick<FoundManifest, 'text' | 'mediaType'>;
export type ManifestFailure = Pick<ManifestError, 'problem' | 'message'>;

/** What dispatch needs of the world, and no more. */
export interface DispatchContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    save(row: RegisterRow, now: Date): Promise<RegisterRow | undefined>;
    takeSlot(image: ImageName, scanId: string, until: Date, limit: number, now: Date): Promise<boolean>;
    releaseSlot(image: ImageName, scanId: string): Promise<void>;
  };
  readonly images: {
    manifest(image: Image, maxBytes: number): Promise<Result<FetchedManifest, ManifestFailure>>;
  };
  readonly builds: {
    start(scan: {
      scanId: string;
      image: ImageName;
      reference: string;
    }): Promise<{ buildId: string } | 'busy'>;
  };
  readonly requests: { sendAll(requests: readonly ScanRequest[]): Promise<void> };
  readonly results: { send(message: ResultMessage, delaySeconds?: number): Promise<void> };
  readonly now: Date;
  readonly home: Place;
  readonly leaseSeconds: number;
  readonly inFlightPerRepository: number;
  readonly urlSuffix: string;
  readonly buildRevision: string;
  isEnrolled(image: Image): Promise<boolean>;
  newScanId(): string;
  /** A random whole number of seconds from `from` to `to`. */
  jitter(from: number, to: number): number;
  /**
   * A service is busy: the message goes back to the queue for a while (rule 4.7, backpressure and dead
   * letters).
   */
  later(why: string): DispatchOutcome;
}

export type DispatchOutcome =
  | { readonly done: string; readonly scanId?: string; readonly cause?: Cause }
  | { readonly deferSeconds: number; readonly why: string };

/** Somebody else wrote the row in between: the message is handled again (rule 4.2, optimistic locking). */
export const CONFLICT: DispatchOutcome = {
  deferSeconds: Seconds.rowConflict,
  why: "the image's row changed in between",
};
