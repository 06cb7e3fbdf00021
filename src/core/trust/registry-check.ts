import { refused, type Refused } from './refusal';
import { imageOf } from '../image/image';
import { Limit } from '../limits';
import { failed, type Result } from '../result';
import { checkBundle, mayBeBundle, readBundleManifest, type RegistryQuestion } from '../signing/bundle';
import type { Claims } from '../signing/statement';
import { plainText } from '../text/plain-text';
import { digestOf } from '../text/sha256';

/**
 * The reads of a registry, for one repository. Its answers are not trusted: everything is hashed again.
 */
export interface RegistryReader {
  /**
   * The manifest of a digest, or undefined if there is none. Rejects a larger manifest before it is read.
   */
  manifest(digest: string, maxBytes: number): Promise<string | undefined>;
  /**
   * A blob as text. Rejects a larger blob before it is read: the size in a descriptor is not verified.
   */
  blob(digest: string, maxBytes: number): Promise<string>;
  /** The referrers of a digest, page by page. Paging ends when the caller stops iterating. */
  referrers(digest: string): AsyncIterable<Referrer>;
}

/** Order, type, size and annotations are hints: they are not signed. */
export interface Referrer {
  readonly digest: string;
  readonly artifactType?: string;
  readonly size?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The second check, for callers that cannot read the register: whether a bundle in the image's own repository
 * signs it. It does not see a revocation. It knows the age of the signed verdict, not whether there is a
 * newer one.
 */
export async function verifyInRegistry(
  question: RegistryQuestion,
  registry: RegistryReader,
): Promise<Claims | Refused> {
  const { image } = question;
  const { digest } = imageOf(image);
  try {
    const manifest = await registry.manifest(digest, Limit.manifestBytes);
    if (manifest === undefined || digestOf(manifest) !== digest) {
      return refused(image, 'LOOKUP_FAILED', 'the registry has no such image');
    }
    const referrers = await upToLimit(registry.referrers(digest));
    if (referrers === undefined) {
      return refused(image, 'LOOKUP_FAILED', `it has more than ${Limit.referrers} referrers`, {
        remedy: 'delete those that nobody needs, or ask the register',
      });
    }
    const reasons: string[] = [];
    let unread = 0;
    for (const referrer of referrers) {
      const checked = await checkReferrer(referrer, digest, question, registry).catch((error: unknown) => {
        unread += 1; // the next one may do
        return failed(messageOf(error));
      });
      if (checked.ok) return checked.value;
      reasons.push(`${referrer.digest.slice(0, 15)}: ${checked.error}`);
    }
    return refused(
      image,
      unread === 0 ? 'NO_SIGNATURE' : 'LOOKUP_FAILED',
      reasons.length === 0 ? undefined : plainText(reasons.join('; '), 600),
    );
  } catch (error) {
    return refused(image, 'LOOKUP_FAILED', plainText(messageOf(error), 300));
  }
}

/** Stops paging at the limit, so that a flood of referrers does not occupy the verifier. */
async function upToLimit(referrers: AsyncIterable<Referrer>): Promise<Referrer[] | undefined> {
  const some: Referrer[] = [];
  for await (const referrer of referrers) {
    if (some.push(referrer) > Limit.referrers) return undefined;
  }
  return some.filter(({ artifactType }) => mayBeBundle(artifactType));
}

async function checkReferrer(
  { digest, size }: Referrer,
  subject: string,
  question: RegistryQuestion,
  registry: RegistryReader,
): Promise<Result<Claims, string>> {
  if ((size ?? 0) > Limit.bundleManifestBytes) {
    return failed(`its manifest has ${size} bytes, allowed: ${Limit.bundleManifestBytes}`);
  }
  const text = await registry.manifest(digest, Limit.bundleManifestBytes);
  if (text === undefined || digestOf(text) !== digest) return failed('its manifest has another digest');
  const layer = readBundleManifest(text, subject);
  if (!layer.ok) return layer;
  if (layer.value.size > Limit.bundleBytes) {
    return failed(`its bundle has ${layer.value.size} bytes, allowed: ${Limit.bundleBytes}`);
  }
  const bundle = await registry.blob(layer.value.digest, Limit.bundleBytes);
  if (digestOf(bundle) !== layer.value.digest) return failed('its bundle has another digest');
  return checkBundle(bundle, question);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
