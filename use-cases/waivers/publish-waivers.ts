import {
  expiringEvent,
  rejectedEvent,
  unusedEvent,
  type WaiverEvent,
} from '../../src/core/events/waiver-events';
import { waiversKey } from '../../src/core/evidence/evidence-keys';
import { WAIVER_KEY_CHARACTERS } from '../../src/core/evidence/verdict';
import { ok, type Result } from '../../src/core/result';
import { showProblem, type WaiverProblem } from '../../src/core/text/problem';
import { Tries } from '../../src/core/times';
import { parseWaivers, unusedWaivers, writeWaivers } from '../../src/core/waivers/document';
import { expiringWaivers } from '../../src/core/waivers/life';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { WaiverLimit, type Waivers } from '../../src/core/waivers/waiver';
import { textOf, type FileContent } from '../../src/core/waivers/waiver-text';
import { activate, type PutContext } from '../policy/activate';
import { storedDocument, type EvidenceReader } from '../policy/stored-document';

/** Which register is active. */
export interface WaiverPointer {
  readonly revision: number;
  readonly sha256: string;
}

/** Of all images: which waivers cover something now. */
export interface UsedWaivers {
  /** The first characters of their keys. */
  readonly keys: ReadonlySet<string>;
  /** From this key on, there may be more: some images have no room for all of theirs. */
  readonly unknownFrom?: string;
}

/** What publishing waivers needs of the world, and no more. */
export interface PublishContext extends PutContext {
  /** The file that people edit. */
  readonly file: {
    readonly location: string;
    readonly name: string;
    read(maxBytes: number): Promise<(FileContent & { readonly versionId?: string }) | undefined>;
  };
  readonly pointer: PutContext['pointer'] & { current(): Promise<WaiverPointer | undefined> };
  readonly events: { publish(event: WaiverEvent): Promise<void> };
  readonly maxLifeDays: number;
  readonly now: Date;
}

/** What reminding people needs beside. */
export interface RemindContext extends Pick<PublishContext, 'events' | 'now'> {
  readonly pointer: Pick<PublishContext['pointer'], 'current'>;
  readonly evidence: EvidenceReader;
  used(): Promise<UsedWaivers>;
}

export interface Published {
  readonly done: string;
  readonly rejected?: true;
}

/**
 * The file as it is now, active. What cannot be read is told, and what was active before stays: until it
 * is fixed nobody else is waived.
 *
 * The pointer is read before the file, and moved only if nobody moved it since: of two that run at once, the
 * one that read the older file starts anew.
 */
export async function publishWaivers(context: PublishContext): Promise<Published> {
  const { file, pointer } = context;
  for (let round = 0; round < Tries.activate; round++) {
    const seen = await pointer.current();
    const found = await file.read(WaiverLimit.bytes);
    if (found === undefined && seen === undefined) return { done: 'no waivers were ever accepted' };
    const read = found === undefined ? ok([]) : waiversIn(found, context);
    if (!read.ok) return reject(read.error, context);
    const put = await activate(
      { key: waiversKey, text: writeWaivers(read.value), versionId: found?.versionId, seen },
      context,
    );
    if (put !== undefined) {
      return {
        done: `${read.value.length} waivers, revision ${put.revision}${put.isSame ? ', as before' : ''}`,
      };
    }
  }
  throw new Error(
    `the waiver list was published by somebody else ${Tries.activate} times while ${file.location} was read`,
  );
}

function waiversIn(
  found: FileContent,
  { file, maxLifeDays, now }: PublishContext,
): Result<Waivers, WaiverProblem[]> {
  const text = textOf(found, file.name);
  return text.ok ? readWaivers(text.value, { file: file.name, maxLifeDays, now }) : text;
}

async function reject(
  problems: readonly WaiverProblem[],
  { file, events }: PublishContext,
): Promise<Published> {
  await events.publish(rejectedEvent(file.location, problems));
  return { rejected: true, done: `not published: ${problems.slice(0, 5).map(showProblem).join('; ')}` };
}

/**
 * Once a day: those that end soon, and those that nobody needs. Of what is active, which need not be what
 * lies in the file.
 */
export async function remindOfWaivers(context: RemindContext): Promise<string> {
  const waivers = await activeWaivers(context);
  const expiring = expiringWaivers(waivers, context.now);
  for (const { waiver } of expiring) await context.events.publish(expiringEvent(waiver, context.now));
  const unused = waivers.length === 0 ? [] : unusedOf(waivers, await context.used());
  if (unused.length > 0) await context.events.publish(unusedEvent(unused));
  return `${waivers.length} waivers, ${expiring.length} end soon, ${unused.length} cover nothing`;
}

/** Nobody is told to take out what may be needed. */
function unusedOf(waivers: Waivers, { keys, unknownFrom }: UsedWaivers): Waivers {
  const mayBeUsed = (key: string) => keys.has(key) || (unknownFrom !== undefined && key >= unknownFrom);
  return unusedWaivers(
    waivers,
    waivers.map(({ key }) => key).filter(key => mayBeUsed(key.slice(0, WAIVER_KEY_CHARACTERS))),
  );
}

async function activeWaivers({ pointer, evidence }: RemindContext): Promise<Waivers> {
  const current = await pointer.current();
  if (current === undefined) return [];
  const text = await storedDocument(evidence, waiversKey, current.sha256);
  if (text === undefined) {
    throw new Error(
      `the waiver list ${current.sha256} is not in the evidence bucket, or is not what its name says`,
    );
  }
  const waivers = parseWaivers(text);
  if (!waivers.ok) {
    throw new Error(`the waiver list ${current.sha256} cannot be read: ${waivers.error.join('; ')}`);
  }
  return waivers.value;
}
