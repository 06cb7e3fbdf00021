import { rejectedEvent, type WaiverEvent } from '../../src/core/events/waiver-events';
import { ok, type Result } from '../../src/core/result';
import { showProblem, type WaiverProblem } from '../../src/core/text/problem';
import { writeWaivers } from '../../src/core/waivers/document';
import { readWaivers } from '../../src/core/waivers/read-waivers';
import { WaiverLimit, type Waivers } from '../../src/core/waivers/waiver';
import { textOf, type FileContent } from '../../src/core/waivers/waiver-text';
import { activate, withActive, type ActivateContext } from '../policy/activate';
import { WAIVERS } from '../policy/active-document';

/** What publishing waivers needs of the world, and no more. */
export interface PublishWaiversContext extends ActivateContext {
  /** The file that people edit. */
  readonly file: {
    readonly location: string;
    readonly name: string;
    read(maxBytes: number): Promise<(FileContent & { readonly versionId?: string }) | undefined>;
  };
  readonly events: { publish(event: WaiverEvent): Promise<void> };
  readonly maxLifeDays: number;
  readonly now: Date;
}

export interface WaiversPublished {
  readonly done: string;
  readonly rejected?: true;
}

/**
 * Activates the file as it is now. A file that cannot be read is published as an event, and the waivers
 * before it stay active: until it is fixed nothing else is waived.
 *
 * The pointer is read before the file, and moved only if nobody moved it since: of two that run at once, the
 * one that read the older file starts again.
 */
export async function publishWaivers(context: PublishWaiversContext): Promise<WaiversPublished> {
  const { file } = context;
  return withActive(context.pointer, 'the waiver list', async seen => {
    const found = await file.read(WaiverLimit.bytes);
    if (found === undefined && seen === undefined) return { done: 'no waivers were ever accepted' };
    const read = found === undefined ? ok([]) : waiversIn(found, context);
    if (!read.ok) return reject(read.error, context);
    const next = { kind: WAIVERS, text: writeWaivers(read.value), versionId: found?.versionId };
    const activated = await activate(next, seen, context);
    if (activated === undefined) return undefined;
    const { revision, isSame } = activated;
    return { done: `${read.value.length} waivers, revision ${revision}${isSame ? ', as before' : ''}` };
  });
}

/**
 * For a deployment that wrote the file, and sweeps once for all that it changed. The function that reads the
 * file after every change publishes the event if the file cannot be read; nothing is published here.
 */
export async function activateDeployedWaivers(
  context: Omit<PublishWaiversContext, 'events' | 'sweep'>,
): Promise<WaiversPublished & { readonly isChanged: boolean }> {
  let isChanged = false;
  const published = await publishWaivers({
    ...context,
    events: { publish: async () => undefined },
    sweep: async () => {
      isChanged = true;
    },
  });
  return { ...published, isChanged };
}

function waiversIn(
  found: FileContent,
  { file, maxLifeDays, now }: PublishWaiversContext,
): Result<Waivers, WaiverProblem[]> {
  const text = textOf(found, file.name);
  return text.ok ? readWaivers(text.value, { file: file.name, maxLifeDays, now }) : text;
}

async function reject(
  problems: readonly WaiverProblem[],
  { file, events }: PublishWaiversContext,
): Promise<WaiversPublished> {
  await events.publish(rejectedEvent(file.location, problems));
  return { rejected: true, done: `not published: ${problems.slice(0, 5).map(showProblem).join('; ')}` };
}
