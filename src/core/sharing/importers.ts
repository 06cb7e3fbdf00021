import * as z from 'zod';
import type { Place } from '../image/image';
import { Limit } from '../limits';
import { plainText } from '../text/plain-text';

/*
 * The stacks of other apps that ask this trust, as they say themselves: one row of the register. It decides
 * nothing about an image. Whoever deletes the trust learns from it who would be refused from then on.
 */

/** The key of the one row, which is no image. */
export const IMPORTERS_KEY = 'IMPORTERS';

/** The type of the resource by which a gate says that its stack asks a trust, or no longer does. */
export const IMPORTER_RESOURCE = 'Custom::TrustedImagesImporter';

const ImportingStack = z
  .string()
  .regex(
    /^arn:[a-z-]{1,20}:cloudformation:[a-z0-9-]{1,30}:\d{12}:stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[A-Za-z0-9-]{1,64}$/,
  );

/** "This stack asks the trust", or "it no longer does". */
export const ImporterNote = z.object({
  version: z.literal(1),
  importer: ImportingStack,
  isGone: z.literal(true).optional(),
});
export type ImporterNote = z.infer<typeof ImporterNote>;

/** What CloudFormation says to a gate. */
export interface GateEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceType: string;
}

/**
 * What a gate tells a trust of another app. Undefined if there is nothing to tell: an image that is deleted
 * may be one of several.
 *
 * @param importer the id of the stack of the gate, which stays as long as anybody asks it
 */
export function noteOf({ RequestType, ResourceType }: GateEvent, importer: string): ImporterNote | undefined {
  if (RequestType !== 'Delete') return { version: 1, importer };
  return ResourceType === IMPORTER_RESOURCE ? { version: 1, importer, isGone: true } : undefined;
}

/** When each stack was heard of last. */
export const Importers = z.object({ stacks: z.record(ImportingStack, z.iso.datetime()) });
export type Importers = z.infer<typeof Importers>;

export const NO_IMPORTERS: Importers = { stacks: {} };

/**
 * The importers after a note.
 *
 * @param sentAt when SQS took the note. Notes may come late: an older one changes nothing
 */
export function withNote({ stacks }: Importers, { importer, isGone }: ImporterNote, sentAt: Date): Importers {
  const at = sentAt.toISOString();
  const { [importer]: heard, ...others } = stacks;
  if (heard !== undefined && heard > at) return { stacks };
  const all = Object.entries(isGone === true ? others : { ...others, [importer]: at });
  const newest = all.sort(([, one], [, other]) => other.localeCompare(one)).slice(0, Limit.importers);
  return { stacks: Object.fromEntries(newest) };
}

/** The stacks that import a trust, in words. */
export function importerLines({ stacks }: Importers): string[] {
  const byId = Object.entries(stacks).sort(([one], [other]) => one.localeCompare(other));
  return byId.map(([stackId, at]) => {
    const { name, place } = stackOf(stackId);
    return `${name} in ${place}, deployed last on ${at.slice(0, 10)}`;
  });
}

/** `<account>.<region>` of the stacks that import a trust elsewhere. */
export function placesElsewhere({ stacks }: Importers, { account, region }: Place): string[] {
  const places = new Set(Object.keys(stacks).map(stackId => stackOf(stackId).place));
  return [...places].filter(place => place !== `${account}.${region}`).sort();
}

/** How many of them a sentence names. */
const NAMED = 5;

/** The resource that refuses. */
export interface Guard {
  readonly StackId: string;
  readonly LogicalResourceId: string;
}

/** Why the stack of a trust is not to be deleted; undefined if nobody imports it. */
export function whyKept(importers: Importers, guard: Guard): string | undefined {
  const lines = importerLines(importers);
  if (lines.length === 0) return undefined;
  const more = lines.length > NAMED ? [`and ${lines.length - NAMED} more`] : [];
  const named = [...lines.slice(0, NAMED), ...more].join('; ');
  return `stacks of other apps import this trust, and their deployments are refused without it: ${named}. Delete these stacks first, or deploy them without this trust. ${wayPast(guard)}`;
}

/** Nobody knows who imports the trust. */
export function whyUnknown(problem: string, guard: Guard): string {
  return `which stacks import this trust cannot be read (${plainText(problem, 300)}). ${wayPast(guard)}`;
}

/** CloudFormation takes it after a deletion that failed. Nothing is left behind: the resource is none. */
function wayPast({ StackId, LogicalResourceId }: Guard): string {
  return `To delete the trust all the same: aws cloudformation delete-stack --stack-name ${stackOf(StackId).name} --retain-resources ${LogicalResourceId}`;
}

function stackOf(stackId: string): { readonly name: string; readonly place: string } {
  const [, , , region, account, path] = stackId.split(':');
  return { name: path!.split('/')[1]!, place: `${account}.${region}` };
}
