import * as z from 'zod';
import { repositoryOf } from '../image/image';
import { Limit } from '../limits';
import { isMoreUrgent, leavesShare } from '../scanning/priority';
import { priorityOf, ScanRequest } from '../scanning/scan-request';
import { Seconds, Shares } from '../times';

/*
 * The scans that are under way, and who is next: one row of the register for all repositories, so that one
 * write decides about both (rule 4.12, turns).
 */

/** The key of the one row, which is no image. */
export const SLOTS_KEY = 'SCANS';

const Slot = z.object({
  repository: z.string(),
  leavesShare: z.boolean(),
  at: z.iso.datetime(),
  until: z.iso.datetime(),
});
type Slot = z.infer<typeof Slot>;

/** A request that waits for its turn. If it is not back by then, nobody waits for it any longer. */
const Waiting = ScanRequest.extend({ until: z.iso.datetime() });
type Waiting = z.infer<typeof Waiting>;

export const ScanSlots = z.object({
  limits: z.object({ scans: z.number().int(), perRepository: z.number().int() }),
  /** By scan id. A slot ends by itself, as leases do. */
  scans: z.record(z.string(), Slot),
  line: z.array(Waiting),
  /** How many builds CodeBuild ran at once when it refused one or kept one waiting, and when that was. */
  measured: z.object({ builds: z.number().int(), at: z.iso.datetime() }).optional(),
  /** How long a scan keeps its slot, in seconds: the moving average of those that ended. */
  scanSeconds: z.number().positive().optional(),
});
export type ScanSlots = z.infer<typeof ScanSlots>;

/** By so many scans the average is carried: one slow image does not change it, a day of them does. */
const AVERAGED = 20;

export const NO_SLOTS: ScanSlots = { limits: { scans: 1, perRepository: 1 }, scans: {}, line: [] };

/** A scan that asks for a slot, and how long it waits if it gets none. */
export interface WantedSlot {
  readonly request: ScanRequest;
  readonly scanId: string;
  readonly waitSeconds: number;
}

/** A slot for the time of dispatch, or a place in line and the reason. */
export function takeSlot(
  slots: ScanSlots,
  limits: ScanSlots['limits'],
  wanted: WantedSlot,
  now: Date,
): { readonly slots: ScanSlots; readonly refused?: string } {
  const current = inLine({ ...asOf(slots, now), limits }, wanted, now);
  if (!whoseTurn(current, now).some(({ image }) => image === wanted.request.image)) {
    return { slots: shortened(current), refused: whyNot(current, wanted.request, now) };
  }
  return keepSlot(current, wanted, after(now, Seconds.slotForDispatch), now);
}

/** The slot of a build that has started. */
export function keepSlot(
  slots: ScanSlots,
  { request, scanId }: Pick<WantedSlot, 'request' | 'scanId'>,
  until: string,
  now: Date,
): { readonly slots: ScanSlots } {
  const current = asOf(slots, now);
  return {
    slots: {
      ...current,
      scans: { ...current.scans, [scanId]: slotFor(request, until, now) },
      line: current.line.filter(({ image }) => image !== request.image),
    },
  };
}

/** CodeBuild took no build: the request waits in line, and fewer builds are started for a while. */
export function refuseSlot(slots: ScanSlots, wanted: WantedSlot, now: Date): { readonly slots: ScanSlots } {
  const freed = without(asOf(slots, now), wanted.scanId);
  return { slots: shortened(inLine(measuredAs(freed, runningIn(freed), now), wanted, now)) };
}

/**
 * A scan is over, and those whose turn it is are to be sent again. `hasQueued`: CodeBuild kept its build
 * waiting, so there were too many.
 */
export function releaseSlot(
  slots: ScanSlots,
  scanId: string,
  hasQueued: boolean,
  now: Date,
): { readonly slots: ScanSlots; readonly turn: readonly ScanRequest[] } {
  const current = asOf(slots, now);
  const freed = without(current, scanId);
  const slot = current.scans[scanId];
  // what was started before the last measurement says nothing new
  const isNews = hasQueued && slot !== undefined && slot.at > (current.measured?.at ?? '');
  const timed = slot === undefined ? freed : { ...freed, scanSeconds: averaged(freed, slot, now) };
  const measured = isNews ? measuredAs(timed, Math.floor(runningIn(current) / 2), now) : timed;
  const turn = whoseTurn(measured, now);
  const until = after(now, Seconds.turn);
  const line = measured.line.map(each =>
    turn.includes(each) && each.until > until ? { ...each, until } : each,
  );
  return { slots: { ...measured, line }, turn: turn.map(({ until: _until, ...request }) => request) };
}

/** A scan of which nobody hears is over: those in line come back by themselves, and keep their places. */
export function freeSlot(slots: ScanSlots, scanId: string, now: Date): { readonly slots: ScanSlots } {
  return { slots: without(asOf(slots, now), scanId) };
}

/** How many scans may run at once now: what was asked for, or what CodeBuild was found to take. */
export function capacityOf({ limits, measured }: ScanSlots, now: Date): number {
  if (measured === undefined) return limits.scans;
  const times = Math.floor((now.getTime() - Date.parse(measured.at)) / 1000 / Seconds.capacityGrows);
  return Math.min(limits.scans, measured.builds + Math.max(0, times));
}

/** Those in line who would get a slot if they asked now, in the order of their turns. */
function whoseTurn(slots: ScanSlots, now: Date): Waiting[] {
  const capacity = capacityOf(slots, now);
  const shared = sharedOf(capacity);
  const taken = Object.values(slots.scans);
  return slots.line.filter(request => {
    const slot = slotFor(request, request.until, now);
    const fits =
      taken.length < capacity &&
      taken.filter(({ repository }) => repository === slot.repository).length < slots.limits.perRepository &&
      (!slot.leavesShare || taken.filter(each => each.leavesShare).length < shared);
    if (fits) taken.push(slot);
    return fits;
  });
}

function slotFor(request: ScanRequest, until: string, now: Date): Slot {
  return {
    repository: repositoryOf(request.image),
    leavesShare: leavesShare(priorityOf(request)),
    at: now.toISOString(),
    until,
  };
}

/** What renewals and old images may have of so many scans at once. */
export function sharedOf(capacity: number): number {
  return capacity - reserved(capacity);
}

/** The share of pushes and of the app's own deployments. A single slot is shared by turns only. */
function reserved(capacity: number): number {
  return Math.min(capacity - 1, Math.ceil(capacity * Shares.reserved));
}

function whyNot(slots: ScanSlots, { image }: ScanRequest, now: Date): string {
  const { perRepository } = slots.limits;
  const ofRepository = Object.values(slots.scans).filter(
    ({ repository }) => repository === repositoryOf(image),
  ).length;
  if (ofRepository >= perRepository) return `its repository has ${perRepository} scans under way`;
  const place = slots.line.findIndex(each => each.image === image);
  return `${runningIn(slots)} of ${capacityOf(slots, now)} scans are under way; before it in line: ${place}`;
}

/** In line by priority, then by age. An image has one place, by its most urgent request. */
function inLine(slots: ScanSlots, { request, waitSeconds }: WantedSlot, now: Date): ScanSlots {
  const others = slots.line.filter(({ image }) => image !== request.image);
  const before = slots.line.find(({ image }) => image === request.image);
  const until = after(now, waitSeconds + Seconds.turn);
  const own =
    before !== undefined && comesBefore(before, request)
      ? { ...before, until: before.until > until ? before.until : until }
      : { ...request, until };
  const place = others.findIndex(each => comesBefore(own, each));
  const split = place < 0 ? others.length : place;
  return { ...slots, line: [...others.slice(0, split), own, ...others.slice(split)] };
}

/** A total order: of two requests, each time the same one is first. */
function comesBefore(one: ScanRequest, other: ScanRequest): boolean {
  const [priority, others] = [priorityOf(one), priorityOf(other)];
  if (priority !== others) return isMoreUrgent(priority, others);
  return one.at === other.at ? one.image < other.image : one.at < other.at;
}

/**
 * Of one repository, no more can have their turn at once than may run. Old images have no turns: thousands of
 * them come back all the time, and whichever finds a slot that nobody in line wants takes it.
 */
function shortened(slots: ScanSlots): ScanSlots {
  const places = new Map<string, number>();
  const line = slots.line.filter(request => {
    const { image } = request;
    if (priorityOf(request) === 'enrolment') return false;
    const place = places.get(repositoryOf(image)) ?? 0;
    places.set(repositoryOf(image), place + 1);
    return place < slots.limits.perRepository;
  });
  return { ...slots, line: line.slice(0, Limit.scanLine) };
}

function asOf(slots: ScanSlots, now: Date): ScanSlots {
  const isLeft = ({ until }: { until: string }) => Date.parse(until) > now.getTime();
  return {
    ...slots,
    scans: Object.fromEntries(Object.entries(slots.scans).filter(([, slot]) => isLeft(slot))),
    line: slots.line.filter(isLeft),
  };
}

function without(slots: ScanSlots, scanId: string): ScanSlots {
  const { [scanId]: _freed, ...scans } = slots.scans;
  return { ...slots, scans };
}

function averaged({ scanSeconds }: ScanSlots, slot: Slot, now: Date): number {
  const took = Math.max(1, (now.getTime() - Date.parse(slot.at)) / 1000);
  const average = scanSeconds === undefined ? took : scanSeconds + (took - scanSeconds) / AVERAGED;
  return Math.round(average * 10) / 10;
}

/** Never none: otherwise nobody would find out that CodeBuild takes builds again. */
function measuredAs(slots: ScanSlots, builds: number, now: Date): ScanSlots {
  return { ...slots, measured: { builds: Math.max(1, builds), at: now.toISOString() } };
}

function runningIn({ scans }: ScanSlots): number {
  return Object.keys(scans).length;
}

function after(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
