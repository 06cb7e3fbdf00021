import * as z from 'zod';
import { ScanId } from '../ids';
import { Limit } from '../limits';
import { Seconds } from '../times';

/*
 * The brake on revocations (0044): how many trusted images failed policy within an hour, whether that is too
 * many for one cause to be believed without a person, and who released it. Whatever is lost here, or cannot
 * be read, holds nothing: the revocation goes through (rule 5.7, fail closed).
 */

/** The keys of its two rows, which are no images. */
export const BRAKE_KEY = 'BRAKE';
export const PASSED_KEY = 'PASSED';

/** Fewer images, or images of fewer repositories, are no mass, whatever share they are. */
const LEAST = { images: 5, repositories: 2 } as const;

const Pulled = z.object({
  at: z.iso.datetime(),
  /** Nothing is held for longer. */
  until: z.iso.datetime(),
  because: z.string(),
});
export type Pulled = z.infer<typeof Pulled>;

/** Who let the revocations go through, and until when none is held. */
export const BrakeRelease = z.object({
  releaseId: ScanId,
  /** When the brake was pulled. */
  pulledAt: z.iso.datetime(),
  releasedAt: z.iso.datetime(),
  /** Until then the brake holds nothing. */
  until: z.iso.datetime(),
  /** The ARN of the caller, as AWS said who it is. */
  releasedBy: z.string().min(1),
  justification: z.string().min(1),
  ticket: z.string().min(1),
});
export type BrakeRelease = z.infer<typeof BrakeRelease>;

export const BrakeState = z.object({
  /** When the first of these failed. */
  since: z.iso.datetime().optional(),
  /** Images that were trusted and failed since, by repository. */
  failed: z.record(z.string(), z.number().int()),
  /** The last verdicts that were counted: none counts twice. */
  counted: z.array(ScanId),
  pulled: Pulled.optional(),
  released: BrakeRelease.optional(),
});
export type BrakeState = z.infer<typeof BrakeState>;

export const NO_BRAKE: BrakeState = { failed: {}, counted: [] };

/** How many images of each repository passed, and when reconcile counted them. */
export const PassedImages = z.object({
  repositories: z.record(z.string(), z.object({ images: z.number().int(), at: z.iso.datetime() })),
  /** There were more repositories than the row has room for, so the whole is not known. */
  tooManyAt: z.iso.datetime().optional(),
});
export type PassedImages = z.infer<typeof PassedImages>;

export const NONE_PASSED: PassedImages = { repositories: {} };

/** Counts a trusted image that failed, held or not. */
export function withFailed(
  state: BrakeState,
  failed: { readonly repository: string; readonly verdictId: string },
  now: Date,
): BrakeState {
  const current = asOf(state, now);
  const { repository, verdictId } = failed;
  const isKnown = repository in current.failed;
  const hasRoom = isKnown || Object.keys(current.failed).length < Limit.brakeRepositories;
  if (current.counted.includes(verdictId) || !hasRoom) return current;
  return {
    ...current,
    since: current.since ?? now.toISOString(),
    failed: { ...current.failed, [repository]: (current.failed[repository] ?? 0) + 1 },
    counted: [verdictId, ...current.counted].slice(0, Limit.brakeCounted),
  };
}

/**
 * Whether the brake holds the revocation of an image of this repository, and the state after the question.
 * Only failures of other repositories count for it, so that who has one repository holds nothing by its other
 * images.
 */
export function askBrake(
  state: BrakeState,
  question: { readonly repository: string; readonly percent: number; readonly passed: PassedImages },
  now: Date,
): { readonly state: BrakeState; readonly pulled?: Pulled } {
  const current = asOf(state, now);
  if (isReleased(current, now)) return { state: current };
  const because = whyTooMany(current, question, now);
  if (because === undefined) return { state: current };
  const at = now.toISOString();
  const pulled = current.pulled ?? { at, until: after(now, Seconds.brakeHolds), because };
  return { state: { ...current, pulled }, pulled };
}

/** Whether so few failed that nothing is held, whatever passes: then nobody has to read what passes. */
export function isFarFromHolding(state: BrakeState, repository: string, now: Date): boolean {
  const current = asOf(state, now);
  const { images, repositories } = failedElsewhere(current, repository);
  return isReleased(current, now) || images < LEAST.images || repositories < LEAST.repositories;
}

/** The pull that holds now. */
export function pulledNow(state: BrakeState, now: Date): Pulled | undefined {
  return asOf(state, now).pulled;
}

/** The state after a release. Undefined: it holds nothing, and there is nothing to release. */
export function withRelease(
  state: BrakeState,
  by: Pick<BrakeRelease, 'releaseId' | 'releasedBy' | 'justification' | 'ticket'>,
  now: Date,
): { readonly state: BrakeState; readonly release: BrakeRelease } | undefined {
  const pulled = pulledNow(state, now);
  if (pulled === undefined) return undefined;
  const release = {
    ...by,
    pulledAt: pulled.at,
    releasedAt: now.toISOString(),
    until: after(now, Seconds.brakeReleased),
  };
  return { state: { ...NO_BRAKE, released: release }, release };
}

/** The release that counts now. */
export function releasedNow({ released }: BrakeState, now: Date): BrakeRelease | undefined {
  return released !== undefined && Date.parse(released.until) > now.getTime() ? released : undefined;
}

/** Reconcile counted the images of a repository. */
export function withPassed(
  passed: PassedImages,
  counted: { readonly repository: string; readonly images: number },
  now: Date,
): PassedImages {
  const at = now.toISOString();
  const { [counted.repository]: _before, ...others } = recent(passed, now);
  if (counted.images === 0) return { ...passed, repositories: others };
  if (Object.keys(others).length >= Limit.passedRepositories) return { repositories: others, tooManyAt: at };
  return { ...passed, repositories: { ...others, [counted.repository]: { images: counted.images, at } } };
}

function whyTooMany(
  state: BrakeState,
  { repository, percent, passed }: { repository: string; percent: number; passed: PassedImages },
  now: Date,
): string | undefined {
  const { images, repositories } = failedElsewhere(state, repository);
  const all = passedImages(passed, now);
  if (all === undefined || isFarFromHolding(state, repository, now)) return undefined;
  return 100 * images > percent * (images + all)
    ? `more than ${percent} % of the trusted images failed policy within an hour: ${images} images of ${repositories} other repositories, while ${all} images pass`
    : undefined;
}

function failedElsewhere(
  { failed }: BrakeState,
  repository: string,
): { images: number; repositories: number } {
  const others = Object.entries(failed).filter(([each]) => each !== repository);
  return { images: others.reduce((sum, [, count]) => sum + count, 0), repositories: others.length };
}

/** Undefined where nobody knows: then no share is too much. */
function passedImages(passed: PassedImages, now: Date): number | undefined {
  const { tooManyAt } = passed;
  if (tooManyAt !== undefined && isRecent(tooManyAt, now)) return undefined;
  const sum = Object.values(recent(passed, now)).reduce((all, { images }) => all + images, 0);
  return sum === 0 ? undefined : sum;
}

/** A repository of which reconcile says nothing for a day is not enrolled any more. */
function recent({ repositories }: PassedImages, now: Date): PassedImages['repositories'] {
  return Object.fromEntries(Object.entries(repositories).filter(([, { at }]) => isRecent(at, now)));
}

function isRecent(at: string, now: Date): boolean {
  return Date.parse(at) > now.getTime() - Seconds.passedCounts * 1000;
}

function isReleased(state: BrakeState, now: Date): boolean {
  return releasedNow(state, now) !== undefined;
}

/** The hour ends, but not while the brake holds; and the brake ends. */
function asOf(state: BrakeState, now: Date): BrakeState {
  const { since, pulled, released } = state;
  const isOver =
    pulled === undefined
      ? since !== undefined && !(Date.parse(since) > now.getTime() - Seconds.brakeCounts * 1000)
      : !(Date.parse(pulled.until) > now.getTime());
  return isOver ? { ...NO_BRAKE, ...(released !== undefined && { released }) } : state;
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
