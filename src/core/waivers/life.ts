import { MILLISECONDS } from '../times';
import type { Waiver, WaiverEntry } from './waiver';

export interface Life {
  /** How many days a waiver may hold. */
  readonly maxLifeDays: number;
  readonly now: Date;
}

/** The last millisecond of its last day, in UTC: the waiver holds at that time, and not after it. */
export function endOf({ expires }: Pick<WaiverEntry, 'expires'>): Date {
  return new Date(startOf(expires) + MILLISECONDS.day - 1);
}

export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return dayOf(new Date(startOf(day) + days * MILLISECONDS.day));
}

/** 0 on its last day, less when it has expired. */
export function daysLeft(waiver: Pick<WaiverEntry, 'expires'>, now: Date): number {
  return (startOf(waiver.expires) - startOf(dayOf(now))) / MILLISECONDS.day;
}

function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

export interface LifeProblem {
  readonly key: 'accepted' | 'expires';
  readonly message: string;
}

/**
 * What is wrong with the dates of a waiver. The longest life counts from the day on which the waiver was
 * accepted, or from today where that day is missing. So a waiver that was valid once stays valid, and none
 * gets a longer life than is allowed.
 */
export function lifeProblem(
  { accepted, expires }: Pick<WaiverEntry, 'accepted' | 'expires'>,
  { maxLifeDays, now }: Life,
): LifeProblem | undefined {
  const today = dayOf(now);
  if (accepted !== undefined && accepted > today) {
    return {
      key: 'accepted',
      message: `accepted is "${accepted}", allowed: a day until today, ${today} (UTC); a waiver cannot be accepted in advance`,
    };
  }
  if (accepted !== undefined && expires < accepted) {
    return {
      key: 'expires',
      message: `expires is "${expires}", allowed: a day from ${accepted} on, when it was accepted`,
    };
  }
  const latest = addDays(accepted ?? today, maxLifeDays);
  if (expires <= latest) return undefined;
  const since = accepted === undefined ? `today, ${today}` : `${accepted}, when it was accepted`;
  return {
    key: 'expires',
    message: `expires is "${expires}", allowed: a day until ${latest}, ${maxLifeDays} days from ${since}; assess the risk again before it expires, and prolong the waiver then`,
  };
}

/** The days before its end on which the team is notified of a waiver. */
export const EXPIRY_WARNINGS = [14, 7, 1] as const;

/** The waivers to notify of today: each once for 14, 7 and 1 days left, if this is called once a day. */
export function expiringWaivers(
  waivers: readonly Waiver[],
  now: Date,
): { waiver: Waiver; daysLeft: number }[] {
  const days: readonly number[] = EXPIRY_WARNINGS;
  return waivers
    .map(waiver => ({ waiver, daysLeft: daysLeft(waiver, now) }))
    .filter(each => days.includes(each.daysLeft));
}
