import type { AlertMessage } from '../../src/core/alerts/message';
import { imageName, type ImageName, type Repository } from '../../src/core/image/image';
import { readSighting } from '../../src/core/running/read-sighting';
import { underGrants, type GrantedRun, type Judged } from '../../src/core/running/run-by-grant';
import { grantedRunMessage, unreadMessage, untrustedRunMessage } from '../../src/core/running/run-message';
import type { LookUp, NamedImage, Sighting, Unread } from '../../src/core/running/sighting';
import { movingTag, unknownTag, whichImage, type KnownImages } from '../../src/core/running/which-image';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { notLifted, type GrantReader } from '../../src/core/trust/break-glass';
import { EVERY_IMAGE, grantKeys } from '../../src/core/trust/grant';
import { refused } from '../../src/core/trust/refusal';
import { oncePerDay } from '../alerts/publish-alert';
import { lookAtTrust, type LookContext } from '../trust/look-at-trust';

export interface WatchContext extends LookContext {
  /** To read grants, and to record no use: it is no gate. Undefined if there is no break-glass. */
  readonly breakGlass?: GrantReader;
  readonly known: KnownImages;
  /** The images of what an event only names. `undefined`: it is not there any more. */
  lookUp(what: LookUp): Promise<readonly NamedImage[] | undefined>;
  /** The digest that a tag names now. */
  resolve(repository: Repository, tag: string): Promise<string | undefined>;
  /** Resolves after so many seconds. */
  pause(seconds: number): Promise<void>;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
}

/** An image that is refused, and what makes it the same news. */
interface Found extends Judged {
  readonly key: string;
}

export type WatchResult =
  | { readonly done: string; readonly untrusted?: number; readonly unread?: true }
  | { readonly deferSeconds: number; readonly why: string };

/**
 * Asks, for everything that somebody runs, whether it may. It stops nothing: it tells the team. An event that
 * cannot be read is told too, so that nothing passes in silence (rule 5.7, fail closed).
 */
export async function watchRun(event: unknown, context: WatchContext): Promise<WatchResult> {
  const read = readSighting(event);
  if (!read.ok) return tellUnread(read.error, context);
  const sighting = read.value;
  if (sighting === undefined) return { done: 'it runs no image' };
  const about = `${sighting.way}: ${plainText(sighting.what)}`;

  const looked = sighting.lookUp === undefined ? [] : await context.lookUp(sighting.lookUp);
  const found: Found[] = [];
  for (const image of [...sighting.images, ...(looked ?? [])]) {
    const one = await refusalOf(image, sighting, context);
    if (one === undefined) continue;
    const { reason, says } = one.refused;
    if (reason === 'LOOKUP_FAILED' && isYoung(sighting.at, context.now)) {
      return { deferSeconds: Seconds.runLookAgain, why: says };
    }
    found.push({ ...one, key: `${image.reference}|${image.digest ?? ''}|${reason}` });
  }
  const unread = looked === undefined ? await tellDeleted(sighting, about, context) : undefined;
  const granted = found.filter(isGranted);
  const untrusted = found.filter(one => !isGranted(one));
  if (granted.length > 0) {
    await tell(sighting, granted, grantedRunMessage(sighting, granted), context);
  }
  if (untrusted.length === 0) {
    return unread ?? { done: `${about}: ${granted.length > 0 ? 'runs by a break-glass grant' : 'trusted'}` };
  }
  const refusals = untrusted.map(one => one.refused);
  await tell(sighting, untrusted, untrustedRunMessage(sighting, refusals), context);
  return { done: `${about}: runs without trust`, untrusted: untrusted.length };
}

/** A service that starts tasks all day is one message a day. */
async function tell(
  sighting: Sighting,
  found: readonly Found[],
  message: AlertMessage,
  context: WatchContext,
): Promise<void> {
  const keys = found
    .map(({ key, grant }) => `${key}${grant === undefined ? '' : `|${grant.grantId}`}`)
    .sort();
  const subject = `${sighting.way}|${placeText(sighting)}|${sighting.what}|${keys.join('|')}`;
  await context.alert(oncePerDay(subject, context.now), message);
}

function isGranted(found: Found): found is Found & GrantedRun {
  return found.grant !== undefined;
}

/** Undefined for an image that is trusted or allowed, or that nothing pulls yet. */
async function refusalOf(
  image: NamedImage,
  sighting: Sighting,
  context: WatchContext,
): Promise<Judged | undefined> {
  const which = whichImage(image, sighting.way, context.known);
  switch (which.is) {
    case 'allowed':
      return undefined;
    case 'refused':
      return { refused: which.refused };
    case 'ours':
      return judge(which.image, sighting, context);
    case 'tagged': {
      const { repository, tag } = which;
      const digest = await context.resolve(repository, tag).catch((error: Error) => error);
      if (digest instanceof Error) {
        const why = plainText(`the tag ${tag}: ${digest.name}: ${digest.message}`, 300);
        return { refused: refused(image.reference, 'LOOKUP_FAILED', why) };
      }
      // nothing can be pulled by a tag that names nothing yet
      if (digest === undefined) {
        return sighting.isSeenAgain === true ? undefined : { refused: unknownTag(repository, tag) };
      }
      const judged = await judge(imageName({ ...repository, digest }), sighting, context);
      if (sighting.pullsAgain !== true) return judged;
      if (judged === undefined) return { refused: movingTag(repository, tag, 'is trusted') };
      // a grant for every image is for what the tag names next, too
      if (judged.grant === undefined || judged.grant.image === EVERY_IMAGE) return judged;
      return { refused: movingTag(repository, tag, 'a break-glass grant lets run') };
    }
  }
}

/** It only reads grants. A use is what a gate admitted, and no gate may have been asked here. */
async function judge(
  image: ImageName,
  sighting: Sighting,
  context: WatchContext,
): Promise<Judged | undefined> {
  const { decision } = await lookAtTrust(image, context, context.pause(Seconds.trustAnswers));
  const { breakGlass } = context;
  if (decision.trusted) return undefined;
  if (breakGlass === undefined) return { refused: decision };
  try {
    const keys = grantKeys(image, sighting.place.account);
    const rows = await Promise.all(keys.map(key => breakGlass.grants(key)));
    return underGrants(rows.flat(), decision, image, sighting);
  } catch (error) {
    return { refused: notLifted(decision, 'break-glass grants could not be read', error) };
  }
}

/** A register that is throttled, or a right that is not known yet, may be over soon. */
function isYoung(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) < Seconds.runLookup * 1000;
}

/** What was deleted may have run until then: CloudTrail reports a call minutes later. */
async function tellDeleted(sighting: Sighting, about: string, context: WatchContext): Promise<WatchResult> {
  if (sighting.isSeenAgain === true) return { done: `${about}: it is not there any more` };
  const why = `${plainText(sighting.what)} was deleted before its image could be read`;
  return tellUnread({ ...sighting, why }, context);
}

async function tellUnread(unread: Unread, context: WatchContext): Promise<WatchResult> {
  const subject = `unread|${unread.way}|${unread.why}|${unread.who ?? ''}`;
  await context.alert(oncePerDay(subject, context.now), unreadMessage(unread));
  return { done: `${unread.way} could not be read: ${unread.why}`, unread: true };
}

function placeText({ place }: Sighting): string {
  return `${place.account}.${place.region}`;
}
