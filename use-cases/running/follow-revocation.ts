import type { AlertMessage } from '../../src/core/alerts/message';
import { locatedEvent, type LocatedEvent } from '../../src/core/events/revocation-events';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import { isRevoked, type RegisterRow } from '../../src/core/register/row';
import { placesOf, type Inventory } from '../../src/core/running/inventory';
import { revokedRunningMessage } from '../../src/core/running/revoked-message';
import { plainText } from '../../src/core/text/plain-text';

export interface FollowContext {
  readonly register: { load(image: ImageName): Promise<RegisterRow> };
  readonly events: { publish(event: LocatedEvent): Promise<void> };
  inventory(): Promise<Inventory>;
  /** `<account>.<region>` of other places where apps import this trust. */
  importingPlaces(): Promise<readonly string[]>;
  /** Sends, unless a message with this key was sent before. */
  alert(key: string, message: AlertMessage): Promise<void>;
  /** Counts a revocation, unless one with this key was counted before. */
  count(key: string): Promise<void>;
}

/**
 * Tells the team, and whoever hears events, where a revoked image runs. The message is a hint: the row says
 * whether the image is revoked still (rule 4.1, messages are hints).
 */
export async function followRevocation(image: ImageName, context: FollowContext): Promise<string> {
  const row = await context.register.load(image);
  if (!isRevoked(row)) return 'it is not revoked any more';
  await context.count(`${image}|${row.revokedBy}`);
  const inventory = await context.inventory();
  const places = placesOf(image, await digestsOf(row, context), inventory);
  const unknown = [...inventory.unknown, ...(await notListed(context))];
  const message = revokedRunningMessage(image, row.verdict!.worst, places, unknown);
  // first: it is sent once, where the event is published again at each retry
  if (message !== undefined) await context.alert(`${image}|${row.revokedBy}|running`, message);
  await context.events.publish(locatedEvent(row, row.revokedBy!, places, unknown));
  const more = unknown.length === 0 ? '' : `, and in ${unknown.length} nobody looked`;
  return `runs in ${places.length} places${more}`;
}

/** Of an index, its images too. Those that are revoked themselves have messages of their own. */
async function digestsOf(row: RegisterRow, { register }: FollowContext): Promise<ReadonlySet<string>> {
  const image = imageOf(row.pk);
  const children = await Promise.all(
    (row.children ?? []).map(({ digest }) => register.load(imageName(sibling(image, digest)))),
  );
  return new Set([
    image.digest,
    ...children.filter(({ revokedBy }) => revokedBy === undefined).map(({ pk }) => imageOf(pk).digest),
  ]);
}

/** Where the image may run too: only the account and region of the trust are listed. */
async function notListed({ importingPlaces }: FollowContext): Promise<string[]> {
  try {
    return (await importingPlaces()).map(place => `${place}, where apps import this trust`);
  } catch (error) {
    return [`where apps import this trust: ${plainText(String(error), 300)}`];
  }
}
