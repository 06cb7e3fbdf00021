import type { FoundManifest, ManifestError } from '../../adapters/aws/ecr-manifests';
import type { Image, ImageName, Place } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { WantedSlot } from '../../src/core/register/scan-slots';
import type { Result } from '../../src/core/result';
import type { Cause } from '../../src/core/scanning/failed-scan';
import type { ResultMessage } from '../../src/core/scanning/result-message';
import { ageSeconds, type ScanRequest } from '../../src/core/scanning/scan-request';
import { waitAgain } from '../../src/core/scanning/wait-again';
import { Seconds } from '../../src/core/times';

export type FetchedManifest = Pick<FoundManifest, 'text' | 'mediaType'>;
export type ManifestFailure = Pick<ManifestError, 'problem' | 'message'>;

/**
 * `full`: as many builds run as may. `busy`: CodeBuild throttles, or has an error of its own. `none`: it
 * takes no builds of this account at all, in its own words.
 */
export type StartedBuild = { readonly buildId: string } | 'full' | 'busy' | { readonly none: string };

/** What dispatch needs of the world, and no more. */
export interface DispatchContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    save(row: RegisterRow, now: Date): Promise<RegisterRow | undefined>;
  };
  readonly slots: {
    /** Why there is none now, or undefined if the scan has a slot, for the time of dispatch. */
    take(wanted: WantedSlot, now: Date): Promise<string | undefined>;
    /** The build has started. */
    keep(wanted: WantedSlot, until: string, now: Date): Promise<void>;
    /** CodeBuild took no build. */
    refuse(wanted: WantedSlot, now: Date): Promise<void>;
    /** The requests whose turn it is now. */
    release(scanId: string, hasQueued: boolean, now: Date): Promise<readonly ScanRequest[]>;
  };
  readonly images: {
    manifest(image: Image, maxBytes: number): Promise<Result<FetchedManifest, ManifestFailure>>;
  };
  readonly builds: {
    start(scan: { scanId: string; image: ImageName; reference: string }): Promise<StartedBuild>;
  };
  readonly requests: { sendAll(requests: readonly ScanRequest[]): Promise<void> };
  readonly results: { send(message: ResultMessage, delaySeconds?: number): Promise<void> };
  readonly now: Date;
  readonly home: Place;
  readonly leaseSeconds: number;
  readonly urlSuffix: string;
  readonly buildRevision: string;
  isEnrolled(image: Image, home: Place): Promise<boolean>;
  newScanId(): string;
  /** A random whole number of seconds from `from` to `to`. */
  jitter(from: number, to: number): number;
}

export type DispatchOutcome =
  | { readonly done: string; readonly scanId?: string; readonly cause?: Cause }
  | { readonly deferSeconds: number; readonly why: string };

/** Somebody else wrote the row in between: the message is handled again (rule 4.2, optimistic locking). */
export const CONFLICT: DispatchOutcome = {
  deferSeconds: Seconds.rowConflict,
  why: "the image's row changed in between",
};

/** How long a request waits until its next try: longer the longer it has waited. */
export function waitSeconds(
  least: readonly [number, number],
  request: ScanRequest,
  { jitter, now }: Pick<DispatchContext, 'jitter' | 'now'>,
): number {
  return jitter(...waitAgain(least, ageSeconds(request, now)));
}

/** A service is busy: the message goes back to the queue (rule 4.7, backpressure and dead letters). */
export function later(why: string, request: ScanRequest, context: DispatchContext): DispatchOutcome {
  return { deferSeconds: waitSeconds(Seconds.backpressure, request, context), why };
}
