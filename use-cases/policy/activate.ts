import type { DocumentKind, Pointer } from './active-document';
import { sha256Of } from '../../src/core/text/sha256';
import { Tries } from '../../src/core/times';

/** What activating a document needs of the world, and no more. */
export interface ActivateContext {
  readonly evidence: { writeOnce(key: string, body: string, contentType: string): Promise<boolean> };
  readonly pointer: {
    current(): Promise<Pointer | undefined>;
    /** The next revision, or undefined if another document is active than was seen. */
    replace(seen: Pointer | undefined, next: Omit<Pointer, 'revision'>): Promise<number | undefined>;
  };
  /** Judges every image again, from its stored report. */
  sweep(): Promise<void>;
}

export interface NewDocument {
  readonly kind: Pick<DocumentKind<unknown>, 'key'>;
  readonly text: string;
  readonly versionId?: string;
  /** What was active when the last deployment published: its files may be needed on the way back. */
  readonly before?: string;
}

export interface Activated {
  readonly revision: number;
  readonly sha256: string;
  /** It was active already: nothing changed. */
  readonly isSame: boolean;
}

/**
 * Writes the document into the evidence, and activates it if nobody activated another one since `seen` was
 * read. Undefined if somebody did. A sweep that is lost after the pointer moved is made up for by the hourly
 * one, which compares revisions.
 */
export async function activate(
  { kind, text, versionId, before }: NewDocument,
  seen: Pointer | undefined,
  { evidence, pointer, sweep }: ActivateContext,
): Promise<Activated | undefined> {
  const sha256 = sha256Of(text);
  if (seen?.sha256 === sha256) return { revision: seen.revision, sha256, isSame: true };
  await evidence.writeOnce(kind.key(sha256), text, 'application/json');
  const revision = await pointer.replace(seen, { sha256, versionId, before });
  if (revision === undefined) return undefined;
  await sweep();
  return { revision, sha256, isSame: false };
}

/**
 * Does something with what is active now, and does it again from the start where somebody else activated
 * another document meanwhile (rule 4.2, optimistic locking): `work` answers undefined then.
 *
 * @param what for the error after too many tries: "the policy"
 */
export async function withActive<T>(
  pointer: Pick<ActivateContext['pointer'], 'current'>,
  what: string,
  work: (seen: Pointer | undefined) => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries < Tries.activate; tries++) {
    const done = await work(await pointer.current());
    if (done !== undefined) return done;
  }
  throw new Error(`${what} was replaced by another publisher ${Tries.activate} times in a row: try again`);
}
