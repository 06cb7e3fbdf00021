import { Limit } from '../../src/core/limits';
import { failed, type Result } from '../../src/core/result';
import type { CachedTag } from '../../src/core/scanning/cached-tag';
import { plainText } from '../../src/core/text/plain-text';

export interface PullsByTag {
  read(id: { readonly imageTag: string }, maxBytes: number): Promise<Result<unknown, Error>>;
}

/**
 * Pulls every tag once, so that ECR imports what is not in the cache yet, and looks for something newer. Says
 * what it could not pull: scans go on with what is in the cache.
 */
export async function pullCached(
  tags: readonly CachedTag[],
  registryOf: (cached: CachedTag) => PullsByTag,
): Promise<string[]> {
  const problems: string[] = [];
  for (const cached of tags) {
    const read = await registryOf(cached)
      .read({ imageTag: cached.tag }, Limit.manifestBytes)
      .catch((error: unknown) => failed(error));
    if (read.ok) continue;
    const why = read.error instanceof Error ? read.error.message : String(read.error);
    problems.push(
      `${cached.repository}:${cached.tag} was not pulled through its cache: ${plainText(why, 300)}`,
    );
  }
  return problems;
}
