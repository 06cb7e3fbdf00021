import { joinWaivers, messageOf } from './document';
import { addDays, lifeProblem, type Life } from './life';
import { WaiverEntry, WaiverLimit, waiverOf, type Waiver, type Waivers } from './waiver';
import { failed, ok, type Result } from '../result';
import { plainText } from '../text/plain-text';
import { inOrder, type Position, type WaiverProblem } from '../text/problem';

/**
 * Values that another format lacks. Values of the file take precedence; default scopes count only where an
 * entry has no scope at all.
 */
export type ImportDefaults = Partial<
  Pick<WaiverEntry, 'owner' | 'reason' | 'ticket' | 'expires' | 'repositories' | 'digests'>
>;

export interface ImportOptions extends Life {
  readonly defaults?: ImportDefaults;
}

/** As much of a waiver as another format gives. */
export interface Draft {
  readonly entry: Partial<WaiverEntry> & { readonly id: string };
  readonly at: Position;
}

/** All drafts with the defaults as waivers, or what is missing or wrong: nothing is guessed. */
export function complete(
  drafts: readonly Draft[],
  file: string,
  { defaults = {}, ...life }: ImportOptions,
): Result<Waivers, WaiverProblem[]> {
  const problems: WaiverProblem[] = [];
  const waivers: Waiver[] = [];
  if (drafts.length > WaiverLimit.waivers) {
    return failed([
      {
        file,
        line: 1,
        column: 1,
        message: `the file makes ${drafts.length} waivers, allowed: ${WaiverLimit.waivers}`,
      },
    ]);
  }
  for (const { entry, at } of drafts) {
    const { repositories, digests, ...rest } = defaults;
    const hasScope = entry.repositories !== undefined || entry.digests !== undefined;
    const whole = { ...rest, ...(!hasScope && { repositories, digests }), ...entry };
    const say = (message: string) =>
      problems.push({ file, ...at, message: `${plainText(entry.id, 80)}: ${message}` });
    const parsed = WaiverEntry.safeParse(whole);
    for (const issue of parsed.error?.issues ?? []) {
      say(
        `${messageOf(issue)}${isMissing(issue.path[0], whole) ? ', or set a default for all entries' : ''}`,
      );
    }
    if (!parsed.success) continue;
    const wrong = lifeProblem(parsed.data, life);
    if (wrong === undefined) waivers.push(waiverOf(parsed.data));
    else say(wrong.message);
  }
  return problems.length > 0 ? failed(inOrder(problems)) : ok(joinWaivers([waivers]));
}

/** The same, where the file has problems of its own. */
export function completeWith(
  problems: readonly WaiverProblem[],
  drafts: readonly Draft[],
  file: string,
  options: ImportOptions,
): Result<Waivers, WaiverProblem[]> {
  const waivers = complete(drafts, file, options);
  return problems.length === 0
    ? waivers
    : failed(inOrder([...problems, ...(waivers.ok ? [] : waivers.error)]));
}

/** An issue without a path is about the scope, which is missing. */
function isMissing(key: PropertyKey | undefined, entry: object): boolean {
  return key === undefined || (entry as Record<PropertyKey, unknown>)[key] === undefined;
}

/**
 * In Trivy an entry expires at the instant that it names, for a day at its start. A waiver holds until the
 * end of a day, so this is the last day that ends by then: a waiver never holds longer than the entry in
 * Trivy.
 */
export function lastDayBefore(instant: Date): string {
  return addDays(instant.toISOString().slice(0, 10), -1);
}

/** A package URL without a version means every version, in Trivy and in VEX. */
export function ofEveryVersion(purl: string): string {
  const end = /[?#]/.exec(purl)?.index ?? purl.length;
  const base = purl.slice(0, end);
  return base.includes('@') ? purl : `${base}@*${purl.slice(end)}`;
}
