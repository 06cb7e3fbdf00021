import type { AlertMessage } from '../../src/core/alerts/message';
import {
  archivedEvent,
  restoredEvent,
  type ArchivedEvent,
  type RestoredEvent,
} from '../../src/core/events/revocation-events';
import type { ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import {
  digestsNaming,
  isLongRefused,
  mayPass,
  refusedSince,
  wasRestored,
  whyInUse,
  type StoredImage,
} from '../../src/core/revocation/archive';
import { notArchivedMessage, type NotArchived } from '../../src/core/revocation/not-archived-message';
import { placesOf, type Inventory } from '../../src/core/running/inventory';
import { plainText } from '../../src/core/text/plain-text';
import { sha256Of } from '../../src/core/text/sha256';
import { Rates } from '../../src/core/times';

export interface ArchiveContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    all(): AsyncIterable<RegisterRow>;
  };
  readonly registry: {
    look(image: ImageName): Promise<StoredImage | undefined>;
    archive(image: ImageName): Promise<void>;
    restore(image: ImageName): Promise<void>;
  };
  readonly events: { publish(event: ArchivedEvent | RestoredEvent): Promise<void> };
  readonly graceSeconds: number;
  /** Whether images in use are kept where they can be pulled. */
  readonly imagesInUse: 'KEEP' | 'ARCHIVE';
  readonly now: Date;
  inventory(): Promise<Inventory>;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
}

export interface ArchiveRun {
  readonly archived: number;
  readonly kept: readonly NotArchived[];
}

/**
 * Archives what a verdict has refused for the grace period and what does not run. It looks at all rows of the
 * register, so that no image depends on a message. An index comes before its images, each by its own verdict.
 */
export async function archiveRefused(context: ArchiveContext): Promise<ArchiveRun> {
  const refused: RegisterRow[] = [];
  for await (const row of context.register.all()) {
    if (isLongRefused(row, context.graceSeconds, context.now)) refused.push(row);
  }
  const rows = [...refused].sort((one, other) => rank(one) - rank(other));
  const kept: NotArchived[] = [];
  let archived = 0;
  let inventory: Promise<Inventory> | undefined;
  for (const { pk: image } of rows) {
    if (archived >= Rates.archivedPerRun) break;
    try {
      const why = await archiveOne(image, context, () => (inventory ??= context.inventory()));
      if (why === 'archived') archived += 1;
      else if (why !== undefined) kept.push({ image, why: why.inUse });
    } catch (error) {
      const { name, message } = error as Error; // the others go on, and the next run tries again
      kept.push({ image, why: plainText(`${name}: ${message}`, 300) });
    }
  }
  if (kept.length > 0) {
    const text = kept.map(({ image, why }) => `${image} ${why}`).sort();
    await context.alert(`not archived|${sha256Of(text.join('\n'))}`, notArchivedMessage(kept));
  }
  return { archived, kept };
}

function rank({ kind }: RegisterRow): number {
  return kind === 'index' ? 0 : 1;
}

/** Undefined: there is nothing to archive. */
async function archiveOne(
  image: ImageName,
  context: ArchiveContext,
  inventory: () => Promise<Inventory>,
): Promise<'archived' | { readonly inUse: string } | undefined> {
  const stored = await context.registry.look(image);
  if (stored?.status !== 'ACTIVE') return undefined;
  // the newest row: minutes may have passed since it was listed
  const row = await context.register.load(image);
  if (!isLongRefused(row, context.graceSeconds, context.now)) return undefined;
  if (wasRestored(stored, context.graceSeconds, context.now)) return undefined;
  if (context.imagesInUse === 'KEEP') {
    const running = await inventory();
    const places = placesOf(image, digestsNaming(row), running);
    const why = whyInUse(row, stored, { places, unknown: running.unknown });
    if (why !== undefined) return { inUse: why };
  }
  await context.registry.archive(image);
  await context.events.publish(archivedEvent(row, row.verdict!.verdictId, refusedSince(row)!));
  return 'archived';
}

/**
 * Restores an image that passes after it was refused, or that would pass now and has to be scanned again for
 * that. The message is a hint: the register says so (rule 4.1, messages are hints).
 */
export async function restoreArchived(
  image: ImageName,
  context: Pick<ArchiveContext, 'register' | 'registry' | 'events'>,
): Promise<{ readonly done: string; readonly restored?: true }> {
  const row = await context.register.load(image);
  if (!mayPass(row)) return { done: 'not restored: it does not pass' };
  const stored = await context.registry.look(image);
  if (stored?.status !== 'ARCHIVED') return { done: 'not restored: it is not archived' };
  await context.registry.restore(image);
  await context.events.publish(restoredEvent(row, row.verdict!.verdictId));
  return { done: 'it is being restored', restored: true };
}
