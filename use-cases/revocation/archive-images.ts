import type { AlertMessage } from '../../src/core/alerts/message';
import {
  archivedEvent,
  restoredEvent,
  type ArchivedEvent,
  type RestoredEvent,
} from '../../src/core/events/revocation-events';
import {
  imageName,
  imageOf,
  repositoryOf,
  sibling,
  type Image,
  type ImageName,
} from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import {
  digestsNaming,
  isLongRefused,
  isToBeRestored,
  mayPass,
  refusedSince,
  wasRestored,
  whyGranted,
  whyInUse,
  type StoredImage,
} from '../../src/core/revocation/archive';
import { definitionsNaming, type StartableInventory } from '../../src/core/revocation/definitions';
import {
  notArchivedMessage,
  reasonsOf,
  untoldMessage,
  type NotArchived,
} from '../../src/core/revocation/not-archived-message';
import { placesOf } from '../../src/core/running/inventory';
import { errorText } from '../../src/core/text/error-text';
import { sha256Of } from '../../src/core/text/sha256';
import { Rates } from '../../src/core/times';
import { grantCovering, type Grant } from '../../src/core/trust/grant';

export interface ArchiveContext {
  readonly register: {
    load(image: ImageName): Promise<RegisterRow>;
    all(): AsyncIterable<RegisterRow>;
  };
  readonly registry: {
    look(image: ImageName): Promise<StoredImage | undefined>;
    /** Digests of the archived images of a repository. */
    archived(repository: Pick<Image, 'account' | 'repository'>): AsyncIterable<string>;
    archive(image: ImageName): Promise<void>;
    restore(image: ImageName): Promise<void>;
  };
  readonly events: { publish(event: ArchivedEvent | RestoredEvent): Promise<void> };
  readonly graceSeconds: number;
  /** Whether images in use are kept where they can be pulled. */
  readonly imagesInUse: 'KEEP' | 'ARCHIVE';
  readonly now: Date;
  /** Whether the image is in a repository of the archive. The register holds others too. */
  isSelected(image: ImageName): Promise<boolean>;
  /** The repositories of base images that are known, as `<account>.<region>/<repository>`. */
  baseRepositories(): Promise<ReadonlySet<string>>;
  inventory(): Promise<StartableInventory>;
  /** The break-glass grants that are active now. */
  livingGrants(): Promise<readonly Grant[]>;
  /** Whether the function is about to end: the rest is for the next run. */
  isTimeOver(): boolean;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
}

export interface ArchiveRun {
  readonly archived: number;
  readonly restored: number;
  readonly kept: readonly NotArchived[];
  /** Archived, but what was to follow failed. */
  readonly untold: readonly NotArchived[];
  /** Lookups that failed, and kept nothing else back. */
  readonly problems: readonly string[];
  /** For how many there was no time. */
  readonly left: number;
}

/**
 * Restores what is archived and may pass. Then it archives what a verdict has refused for the grace period
 * and what does not run. It looks at all rows of the register, so that no image depends on a message. An
 * index comes before its images, each by its own verdict. Throws at the end if one could not be restored.
 */
export async function archiveRefused(context: ArchiveContext): Promise<ArchiveRun> {
  const rows = await selectedRows(context);
  const before = await restoreLost(rows, context);
  const bases = await context.baseRepositories();
  const waiting = rows.refused.filter(
    image => !before.archived.has(image) && !bases.has(repositoryOf(image)),
  );
  const kept: NotArchived[] = [];
  const untold: NotArchived[] = [];
  let [archived, restored, looked] = [0, before.restored, 0];
  let inventory: Promise<StartableInventory> | undefined;
  for (const image of waiting) {
    if (archived >= Rates.archivedPerRun || context.isTimeOver()) break;
    looked += 1;
    try {
      const became = await archiveOne(image, context, () => (inventory ??= context.inventory()));
      if (became === undefined) continue;
      if ('inUse' in became) kept.push({ image, why: became.inUse });
      else if (became.isBack === true) restored += 1;
      else archived += 1;
      if ('untold' in became) untold.push({ image, why: became.untold });
    } catch (error) {
      kept.push({ image, why: whyFailed(error, image) }); // the others go on, and the next run tries again
    }
  }
  if (kept.length > 0) {
    await context.alert(`not archived|${sha256Of(reasonsOf(kept))}`, notArchivedMessage(kept));
  }
  if (untold.length > 0) await context.alert(`untold|${sha256Of(reasonsOf(untold))}`, untoldMessage(untold));
  if (before.failed !== undefined) throw before.failed;
  const { problems } = before;
  return { archived, restored, kept, untold, problems, left: waiting.length - looked };
}

interface Rows {
  /** An index comes before its images. */
  readonly refused: readonly ImageName[];
  readonly restorable: ReadonlySet<ImageName>;
  /** An image of each repository. */
  readonly repositories: ReadonlyMap<string, Image>;
}

async function selectedRows({ register, isSelected, graceSeconds, now }: ArchiveContext): Promise<Rows> {
  const [indexes, images]: [ImageName[], ImageName[]] = [[], []];
  const restorable = new Set<ImageName>();
  const repositories = new Map<string, Image>();
  for await (const row of register.all()) {
    const { pk: image, kind } = row;
    const isRefused = isLongRefused(row, graceSeconds, now);
    if (!isRefused && !isToBeRestored(row)) continue;
    if (!(await isSelected(image))) continue;
    repositories.set(repositoryOf(image), imageOf(image));
    if (!isRefused) restorable.add(image);
    else if (kind === 'index') indexes.push(image);
    else images.push(image);
  }
  return { refused: [...indexes, ...images], restorable, repositories };
}

interface Restored {
  readonly archived: ReadonlySet<ImageName>;
  readonly restored: number;
  readonly problems: readonly string[];
  readonly failed: unknown;
}

/** An event may be lost, and an image that is archived is never scanned. */
async function restoreLost({ restorable, repositories }: Rows, context: ArchiveContext): Promise<Restored> {
  const archived = new Set<ImageName>();
  const problems: string[] = [];
  let restored = 0;
  let failed: unknown;
  for (const [name, repository] of repositories) {
    if (context.isTimeOver()) break;
    try {
      for await (const digest of context.registry.archived(repository)) {
        archived.add(imageName(sibling(repository, digest)));
      }
    } catch (error) {
      problems.push(`what is archived in ${name} could not be listed: ${errorText(error)}`);
    }
  }
  for (const image of restorable) {
    if (!archived.has(image)) continue;
    if (context.isTimeOver()) break;
    try {
      if ((await restoreArchived(image, context)).restored === true) restored += 1;
    } catch (error) {
      problems.push(`${image} could not be restored: ${errorText(error)}`);
      failed ??= error;
    }
  }
  return { archived, restored, problems, failed };
}

type Became =
  | { readonly inUse: string }
  /** It changed while it was archived. */
  | { readonly isBack?: true }
  | { readonly isBack?: undefined; readonly untold: string };

/** Undefined: there is nothing to archive. */
async function archiveOne(
  image: ImageName,
  context: ArchiveContext,
  inventory: () => Promise<StartableInventory>,
): Promise<Became | undefined> {
  const stored = await context.registry.look(image);
  if (stored?.status !== 'ACTIVE') return undefined;
  const running = context.imagesInUse === 'KEEP' ? await inventory() : undefined;
  // the newest row: listing what runs takes minutes, and whoever passes meanwhile finds nothing to restore
  const row = await context.register.load(image);
  if (!isLongRefused(row, context.graceSeconds, context.now)) return undefined;
  if (wasRestored(stored, context.graceSeconds, context.now)) return undefined;
  const digests = digestsNaming(row, await indexesOf(row, context));
  if (running !== undefined) {
    const usage = {
      places: placesOf(image, digests, running),
      definitions: definitionsNaming(
        image,
        { digests, tags: await tagsOf(row, stored, context) },
        running.definitions,
      ),
      unknown: running.unknown,
    };
    const why = whyInUse(row, stored, usage);
    if (why !== undefined) return { inUse: why };
  }
  const granted = await whyGrantedNow(image, digests, context);
  if (granted !== undefined) return { inUse: granted };
  await context.registry.archive(image);
  try {
    // a PASS that was recorded since the last look did not find it archived
    if (!isLongRefused(await context.register.load(image), context.graceSeconds, context.now)) {
      await context.registry.restore(image);
      return { isBack: true };
    }
    await context.events.publish(archivedEvent(row, row.verdict!.verdictId, refusedSince(row)!));
    return {};
  } catch (error) {
    return { untold: errorText(error) };
  }
}

async function indexesOf({ pk, parents = [] }: RegisterRow, { register }: ArchiveContext) {
  return Promise.all(parents.map(digest => register.load(imageName(sibling(imageOf(pk), digest)))));
}

/** Its own, and those of its indexes: who pulls an index pulls an image of it too. */
async function tagsOf(
  { pk, parents = [] }: RegisterRow,
  { tags }: StoredImage,
  { registry }: ArchiveContext,
): Promise<ReadonlySet<string>> {
  const indexes = await Promise.all(
    parents.map(digest => registry.look(imageName(sibling(imageOf(pk), digest)))),
  );
  return new Set([...tags, ...indexes.flatMap(index => index?.tags ?? [])]);
}

/** Also where images in use are archived: who granted it needs it within hours. */
async function whyGrantedNow(
  image: ImageName,
  digests: ReadonlySet<string>,
  { livingGrants }: ArchiveContext,
): Promise<string | undefined> {
  try {
    const grant = grantCovering(image, digests, await livingGrants());
    return grant && whyGranted(grant);
  } catch (error) {
    return `it is not known whether a break-glass grant lets it run: ${errorText(error)}`;
  }
}

function whyFailed(error: unknown, image: ImageName): string {
  const { account, repository } = imageOf(image);
  const advice = /AccessDenied/.test((error as Error).name)
    ? `allow the role of the archive ecr:DescribeImages and ecr:UpdateImageStorageClass in ${repository} of ${account}, or leave it out of the selectors in "repositories": `
    : '';
  return `${advice}${errorText(error)}`;
}

/**
 * Restores an image that passes after it was refused, or that would pass now and has to be scanned again for
 * that. The message is a hint: the register says so (rule 4.1, messages are hints).
 */
export async function restoreArchived(
  image: ImageName,
  context: Pick<ArchiveContext, 'register' | 'registry' | 'events' | 'isSelected'>,
): Promise<{ readonly done: string; readonly restored?: true }> {
  if (!(await context.isSelected(image))) return { done: 'ignored: its repository is not of this archive' };
  const row = await context.register.load(image);
  if (!mayPass(row)) return { done: 'not restored: it does not pass' };
  const stored = await context.registry.look(image);
  if (stored?.status !== 'ARCHIVED') return { done: 'not restored: it is not archived' };
  await context.registry.restore(image);
  await context.events.publish(restoredEvent(row, row.verdict!.verdictId));
  return { done: 'it is being restored', restored: true };
}
