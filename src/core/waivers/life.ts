import { MILLISECONDS } from '../times';
import type { Waiver, WaiverEntry } from './waiver';

export interface Life {
  /** The policy's: how many days a waiver may hold. */
  readonly maxLifeDays: number;
  readonly now: Date;
}

/** The last millisecond of the day that is named, in UTC: it holds at that time, and not after it. */
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
 * What is wrong with its dates. The longest life counts from the day on which it was accepted, or, where that
 * is not said, from today: what was once read as valid stays so, and nobody gets a longer one than the policy
 * gives.
 */
export function lifeProblem(
  { accepted, expires }: Pick<WaiverEntry, 'accepted' | 'expires'>,
  { maxLifeDays, now }: Life,
): LifeProblem | undefined {
  const today = dayOf(now);
  if (accepted !== undefined && accepted > today) {
    return {
      key: 'accepted',
      message: `accepted is "${accepted}", allowed: a day until today, ${today} (UTC); a waiver cannot be accepted ahead of time`,
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
    message: `expires is "${expires}", allowed: a day until ${latest}, ${maxLifeDays} days from ${since}; assess the risk again before it expires, and prolong it then`,
  };
}

/** Days before the end at which somebody is told. */
export const EXPIRY_WARNINGS = [14, 7, 1] as const;

/** Those that are to be told of today: each once for 14, 7 and 1 days left, if it is asked once a day. */
export function expiringWaivers(
  waivers: readonly Waiver[],
  now: Date,
): { waiver: Waiver; daysLeft: number }[] {
  const told: readonly number[] = EXPIRY_WARNINGS;
  return waivers
    .map(waiver => ({ waiver, daysLeft: daysLeft(waiver, now) }))
    .filter(each => told.includes(each.daysLeft));
}
