import type * as z from 'zod';
import { endOf } from './life';
import { sorted, WaiverEntry, WaiverFile, WaiverLimit, waiverOf, type Waiver, type Waivers } from './waiver';
import { failed, ok, type Result } from '../result';
import { parseJson } from '../text/json';

/**
 * The canonical form, for the evidence: the same waivers give the same bytes, whatever their order and format
 * were. Its SHA-256 says which waivers a verdict was made with.
 */
export function writeWaivers(waivers: Waivers): string {
  return `${JSON.stringify({ version: 1, waivers: joinWaivers([waivers]).map(canonical) })}\n`;
}

function canonical(waiver: Waiver): WaiverEntry {
  const scopes = { repositories: sorted(waiver.repositories), digests: sorted(waiver.digests) };
  const values = { ...waiver, ...scopes };
  return Object.fromEntries(
    ENTRY_KEYS.flatMap(key => (values[key] === undefined ? [] : [[key, values[key]]])),
  ) as unknown as WaiverEntry;
}

export const ENTRY_KEYS = Object.keys(WaiverEntry.shape) as (keyof WaiverEntry)[];

/**
 * Waivers from their canonical form. One that expired since is still a waiver: that it expired is worth
 * reporting.
 */
export function parseWaivers(text: string): Result<Waivers, string[]> {
  if (text.length > 4 * WaiverLimit.bytes) {
    return failed([`the document has ${text.length} characters, allowed: ${4 * WaiverLimit.bytes}`]);
  }
  const file = WaiverFile.safeParse(parseJson(text));
  if (!file.success) {
    return failed(
      file.error.issues.map(issue => `${issue.path.join('.') || 'waivers'}: ${messageOf(issue)}`),
    );
  }
  return ok(joinWaivers([file.data.waivers.map(waiverOf)]));
}

/** For an unknown key the schema has no message of its own. */
export function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys'
    ? `unknown keys: ${issue.keys
        .map(key => JSON.stringify(key))
        .join(', ')
        .slice(0, 200)}`
    : issue.message;
}

/**
 * The waivers of several sources, in the order of their keys. Of those that cover the same, the one that ends
 * last stays.
 */
export function joinWaivers(sources: readonly Waivers[]): Waivers {
  const joined = new Map<string, Waiver>();
  for (const waiver of sources.flat()) {
    const other = joined.get(waiver.key);
    if (other === undefined || comesFirst(waiver, other)) joined.set(waiver.key, waiver);
  }
  return [...joined.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Of two that end on one day the text decides, so that the order of the sources does not. */
function comesFirst(a: Waiver, b: Waiver): boolean {
  const [endsA, endsB] = [endOf(a).getTime(), endOf(b).getTime()];
  return endsA === endsB ? JSON.stringify(canonical(a)) < JSON.stringify(canonical(b)) : endsA > endsB;
}
