import type { RunningPlace } from '../events/revocation-events';
import { imageOf } from '../image/image';
import { Limit } from '../limits';
import type { RegisterRow } from '../register/row';
import { againAt } from '../scanning/failed-scan';
import { MILLISECONDS } from '../times';
import type { Grant } from '../trust/grant';

/** What Amazon ECR says of an image. */
export interface StoredImage {
  readonly status: 'ACTIVE' | 'ARCHIVED' | 'ACTIVATING';
  /** That name it now. */
  readonly tags: readonly string[];
  readonly lastPulledAt?: Date;
  readonly lastRestoredAt?: Date;
}

/** What runs an image and what can start it, as far as it is known. */
export interface Usage {
  readonly places: readonly RunningPlace[];
  /** ARNs. */
  readonly definitions: readonly string[];
  readonly unknown: readonly string[];
}

/** When the first FAIL since its last PASS was made. Undefined if no verdict refuses it. */
export function refusedSince({
  verdict,
  refusedSince: since,
}: Pick<RegisterRow, 'verdict' | 'refusedSince'>): string | undefined {
  return verdict?.outcome === 'FAIL' ? (since ?? verdict.evaluatedAt) : undefined;
}

/**
 * Whether a verdict has refused the image for so long. ERROR is no verdict and archives nothing. A statement
 * that is still there means that the FAIL does not count yet. What is scanned now, or again soon, may pass: a
 * scan finds no archived image.
 */
export function isLongRefused(row: RegisterRow, graceSeconds: number, now: Date): boolean {
  const since = refusedSince(row);
  if (since === undefined || row.statement !== undefined || mayPass(row) || isScanned(row)) return false;
  return Date.parse(since) + graceSeconds * 1000 <= now.getTime();
}

function isScanned({ lease, lastFailedScan }: RegisterRow): boolean {
  return lease !== undefined || (lastFailedScan !== undefined && againAt(lastFailedScan) !== undefined);
}

/** Whether somebody, or a verdict, restored it within the grace period: it gets another one. */
export function wasRestored({ lastRestoredAt }: StoredImage, graceSeconds: number, now: Date): boolean {
  return lastRestoredAt !== undefined && lastRestoredAt.getTime() + graceSeconds * 1000 > now.getTime();
}

/** The stored report would pass and is too old to say so. A scan finds no image while it is archived. */
const TO_BE_SCANNED: readonly (string | undefined)[] = ['REPORT_OUTDATED', 'IMAGE_GONE'];

/** Whether an archived image passes, or may pass when it is scanned again. */
export function mayPass({ verdict, lastFailedScan }: RegisterRow): boolean {
  if (verdict === undefined) return false;
  return verdict.outcome === 'PASS' || TO_BE_SCANNED.includes(lastFailedScan?.cause);
}

/**
 * Whether it may have been archived because it was refused, and is to be restored whatever became of the
 * message. What was archived while it passed, by a lifecycle rule for example, stays.
 */
export function isToBeRestored(row: RegisterRow): boolean {
  const { verdict, replaced, revokedBy } = row;
  const wasRefused = [verdict, replaced].some(each => each?.outcome === 'FAIL') || revokedBy !== undefined;
  return wasRefused && mayPass(row);
}

/**
 * Digests by which something may name the image: its own, those of its images, those of its indexes, and
 * those of the images beside it. A service that names an index reports the image of its own platform only.
 *
 * @param indexes the rows of its parents
 */
export function digestsNaming(
  { pk, children = [], parents = [] }: RegisterRow,
  indexes: readonly RegisterRow[],
): ReadonlySet<string> {
  const all = [...children, ...indexes.flatMap(index => index.children ?? [])];
  return new Set([imageOf(pk).digest, ...all.map(({ digest }) => digest), ...parents]);
}

/** Why a refused image stays although nothing runs it. */
export function whyGranted({ scope, expiresAt }: Pick<Grant, 'scope' | 'expiresAt'>): string {
  return `a break-glass grant lets it run in ${scope} until ${expiresAt}`;
}

/** Why a refused image stays where it can be pulled. Undefined: nothing speaks against archiving it. */
export function whyInUse(row: RegisterRow, { lastPulledAt }: StoredImage, usage: Usage): string | undefined {
  const { places, definitions, unknown } = usage;
  const [place] = places;
  if (place !== undefined) {
    const more = places.length === 1 ? '' : `, and in ${places.length - 1} more places`;
    return `it runs, or may run, in ${place.arn}${more}`;
  }
  const [definition] = definitions;
  if (definition !== undefined) {
    const more = definitions.length === 1 ? '' : `, and of ${definitions.length - 1} more revisions`;
    return `it can be started: it is an image of ${definition}${more}`;
  }
  if (unknown.length > 0) return `it is not known what runs or can be started: ${unknown[0]}`;
  if ((row.parents?.length ?? 0) >= Limit.rowParents) {
    return `it is in ${Limit.rowParents} indexes or more, and it is not known which of them run`;
  }
  // Amazon ECR notes a pull at least once in 24 hours, so the last one may be a day younger
  const since = Date.parse(refusedSince(row)!) - MILLISECONDS.day;
  if (lastPulledAt !== undefined && lastPulledAt.getTime() >= since) {
    return `it was pulled at ${lastPulledAt.toISOString()} or up to a day later, which may be after it was refused`;
  }
  return undefined;
}
