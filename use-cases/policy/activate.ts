import { sha256Of } from '../../src/core/text/sha256';

/** Which document counts, and how it is replaced. */
export interface PutContext {
  readonly evidence: { writeOnce(key: string, body: string, contentType: string): Promise<boolean> };
  readonly pointer: {
    /** The next revision, or undefined if another one is active than was seen. */
    replace(seen: Put['seen'], sha256: string, versionId?: string): Promise<number | undefined>;
  };
  /** Every image is judged again, from its stored report. */
  sweep(): Promise<void>;
}

export interface Put {
  readonly key: (sha256: string) => string;
  readonly text: string;
  readonly versionId?: string;
  /** What was active before the text was made: if it is not any more, nothing is put. */
  readonly seen: { readonly revision: number; readonly sha256: string } | undefined;
}

export interface Activated {
  readonly revision: number;
  /** It was active already: nothing was put. */
  readonly isSame: boolean;
}

/**
 * The document into the evidence, and active if nobody put another one there since. Undefined if somebody
 * did: what the text was made from has to be read again. A sweep that is lost after the pointer moved is made
 * up for by the hourly one: it compares revisions.
 */
export async function activate(
  { key, text, versionId, seen }: Put,
  { evidence, pointer, sweep }: PutContext,
): Promise<Activated | undefined> {
  const sha256 = sha256Of(text);
  if (seen?.sha256 === sha256) return { revision: seen.revision, isSame: true };
  await evidence.writeOnce(key(sha256), text, 'application/json');
  const revision = await pointer.replace(seen, sha256, versionId);
  if (revision === undefined) return undefined;
  await sweep();
  return { revision, isSame: false };
}
