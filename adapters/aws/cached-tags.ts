import { EnvironmentName } from '../../src/core/environment';
import { CachedTag } from '../../src/core/scanning/cached-tag';

/** What builds need of pull-through caches: none, unless the template names some. */
export function cachedTags(): CachedTag[] {
  return CachedTag.array().parse(JSON.parse(process.env[EnvironmentName.cachedTags] ?? '[]'));
}
