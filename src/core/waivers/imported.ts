import { joinWaivers, messageOf } from './document';
import { addDays, lifeProblem, type Life } from './life';
import { WaiverEntry, WaiverLimit, waiverOf, type Waiver, type Waivers } from './waiver';
import { failed, ok, type Result } from '../result';
import { plainText } from '../text/plain-text';
import { inOrder, type Position, type WaiverProblem } from '../text/problem';

/**
 * What another format does not say. Its own words go first; scopes count only where it names no scope at all.
 */
export type ImportDefaults = Partial<
  Pick<WaiverEntry, 'owner' | 'reason' | 'ticket' | 'expires' | 'repositories' | 'digests'>
>;

export interface ImportOptions extends Life {
  readonly defaults?: ImportDefaults;
}

/** A waiver as far as another format says it. */
export interface Draft {
  readonly entry: Partial<WaiverEntry> & { readonly id: string };
  readonly at: Position;
  readonly type?: 'secret';
}

/** Every draft with the defaults is a waiver, or nothing is: what lacks is told, never guessed. */
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
  for (const { entry, at, type } of drafts) {
    const { repositories, digests, ...rest } = defaults;
    const hasScope = entry.repositories !== undefined || entry.digests !== undefined;
    const whole = { ...rest, ...(!hasScope && { repositories, digests }), ...entry };
    const say = (message: string) =>
      problems.push({ file, ...at, message: `${plainText(entry.id, 80)}: ${message}` });
    const parsed = WaiverEntry.safeParse(whole);
    for (const issue of parsed.error?.issues ?? []) {
      say(
        `${messageOf(issue)}${isMissing(issue.path[0], whole) ? ', or give one for all as a default' : ''}`,
      );
    }
    if (type === 'secret' && whole.digests === undefined) {
      say(
        'a secret is waived by digest only, required: digests; best take it out of the image and revoke it',
      );
    }
    if (!parsed.success) continue;
    const wrong = lifeProblem(parsed.data, life);
    if (wrong === undefined) waivers.push(waiverOf(parsed.data));
    else say(wrong.message);
  }
  return problems.length > 0 ? failed(inOrder(problems)) : ok(joinWaivers([waivers]));
}

/** Without a path it is the scope that lacks. */
function isMissing(key: PropertyKey | undefined, entry: object): boolean {
  return key === undefined || (entry as Record<PropertyKey, unknown>)[key] === undefined;
}

/**
 * Trivy lets an entry expire at the instant that it names, a day at its start. A waiver holds until the end of
 * a day, so it is the last one that ends by then: never longer than Trivy would have it.
 */
export function lastDayBefore(instant: Date): string {
  return addDays(instant.toISOString().slice(0, 10), -1);
}
