import type { AlertMessage } from '../../src/core/alerts/message';
import { imageName, type ImageName, type Repository } from '../../src/core/image/image';
import { readSighting } from '../../src/core/running/read-sighting';
import { unreadMessage, untrustedRunMessage } from '../../src/core/running/run-message';
import type { LookUp, NamedImage, Sighting, Unread } from '../../src/core/running/sighting';
import { movingTag, unknownTag, whichImage, type KnownImages } from '../../src/core/running/which-image';
import { plainText } from '../../src/core/text/plain-text';
import { Seconds } from '../../src/core/times';
import { refused, type Refused } from '../../src/core/trust/refusal';
import { oncePerDay } from '../alerts/publish-alert';
import { askTrust, type AskContext } from '../trust/ask-trust';

/** What would run an image, and so the scope of a question, the event says. */
export interface WatchContext extends Omit<AskContext, 'scope'> {
  readonly known: KnownImages;
  /** The images of what an event only names. `undefined`: it is not there any more. */
  lookUp(what: LookUp): Promise<readonly NamedImage[] | undefined>;
  /** The digest that a tag names now. */
  resolve(repository: Repository, tag: string): Promise<string | undefined>;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
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
  const found: { key: string; untrusted: Refused }[] = [];
  for (const image of [...sighting.images, ...(looked ?? [])]) {
    const untrusted = await ask(image, sighting, context);
    if (untrusted === undefined) continue;
    if (untrusted.reason === 'LOOKUP_FAILED' && isYoung(sighting.at, context.now)) {
      return { deferSeconds: Seconds.runLookAgain, why: untrusted.says };
    }
    found.push({
      key: `${image.reference}|${image.digest ?? ''}|${untrusted.reason}`,
      untrusted,
    });
  }
  const unread = looked === undefined ? await tellDeleted(sighting, about, context) : undefined;
  if (found.length === 0) return unread ?? { done: `${about}: trusted` };
  const keys = found.map(({ key }) => key).sort();
  // a service that starts tasks all day is one message a day
  const subject = `${sighting.way}|${placeText(sighting)}|${sighting.what}|${keys.join('|')}`;
  const images = found.map(({ untrusted }) => untrusted);
  await context.alert(oncePerDay(subject, context.now), untrustedRunMessage(sighting, images));
  return { done: `${about}: runs without trust`, untrusted: found.length };
}

async function ask(
  image: NamedImage,
  { way, arn: scope, isSeenAgain, pullsAgain }: Sighting,
  context: WatchContext,
): Promise<Refused | undefined> {
  const which = whichImage(image, way, context.known);
  switch (which.is) {
    case 'allowed':
      return undefined;
    case 'refused':
      return which.refused;
    case 'ours':
      return refusalOf(which.image, scope, context);
    case 'tagged': {
      const { repository, tag } = which;
      const digest = await context.resolve(repository, tag).catch((error: Error) => error);
      if (digest instanceof Error) {
        const why = plainText(`the tag ${tag}: ${digest.name}: ${digest.message}`, 300);
        return refused(image.reference, 'LOOKUP_FAILED', why);
      }
      // nothing can be pulled by a tag that names nothing yet
      if (digest === undefined) return isSeenAgain === true ? undefined : unknownTag(repository, tag);
      const untrusted = await refusalOf(imageName({ ...repository, digest }), scope, context);
      return untrusted ?? (pullsAgain === true ? movingTag(repository, tag) : undefined);
    }
  }
}

async function refusalOf(
  image: ImageName,
  scope: string,
  context: WatchContext,
): Promise<Refused | undefined> {
  const { decision } = await askTrust(image, { ...context, scope });
  return decision.trusted ? undefined : decision;
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
