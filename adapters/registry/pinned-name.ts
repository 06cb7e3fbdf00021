import { namedManifest, repositoryReader } from './repository-reader';
import { readImageReference } from '../../src/core/image/image-reference';
import { plainText, quoted } from '../../src/core/text/plain-text';
import { UserError, usageError } from '../../src/core/user-error';
import type { Caller } from '../caller';

/**
 * The name of an image with its digest: the one that was given with it, or the one that its registry has for
 * its tag now. This library has no list of digests: a digest that is a year old names a base image with the
 * vulnerabilities of a year.
 */
export async function pinnedName(text: string, caller: Caller): Promise<string> {
  const read = readImageReference(text);
  if (!read.ok) {
    throw usageError(`${quoted(text, 300)} ${read.error}, allowed: name:tag, or name:tag@sha256:<64 hex>`);
  }
  const { name, tag, digest } = read.value;
  if (digest !== undefined) return text;
  if (tag === undefined || tag === 'latest') {
    throw usageError(`${quoted(text, 300)} has no tag that says which version it is, allowed: name:tag`);
  }
  caller.out.progress(`asking the registry for the digest of ${plainText(text, 300)}`);
  try {
    const manifest = await namedManifest(read.value, await repositoryReader(read.value, caller));
    return `${text}@${manifest.digest}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      `the digest of ${plainText(text, 300)} is not known, and nothing was written: ${error.message}; or give images that you have checked, by --base and --build-base: ${plainText(name, 300)}:<tag>@sha256:<digest>`,
      error.kind,
    );
  }
}
