import { endOf } from './life';
import { PrefixIndex } from './prefix-index';
import type { Waiver, Waivers } from './waiver';
import type { Image } from '../image/image';
import type { Finding } from '../scanning/finding';
import { compileGlob } from '../text/glob';
import { compilePurl, packageUrl, type PackageUrl } from '../text/purl';

/** What may be waived: a finding, or what a rule says of the image as a whole. */
export interface WaiverSubject {
  /**
   * Names of the same thing. For a finding: its id, and other ids of the same vulnerability. For an issue
   * about the image: the name of its rule.
   */
  readonly ids: readonly string[];
  readonly type: Finding['type'] | 'image';
  readonly purl?: string;
  readonly path?: string;
  readonly isFixed: boolean;
}

export type WaiverAnswer =
  | { readonly covered: Waiver; readonly endsAt: Date }
  /**
   * A waiver that would have covered it. `fixed`: a version fixes it now, and `endedAt` is when that was
   * seen.
   */
  | { readonly expired: Waiver; readonly endedAt: Date; readonly why: 'expired' | 'fixed' };

interface Compiled {
  readonly waiver: Waiver;
  readonly ends: number;
  readonly isInScope: (image: Pick<Image, 'repository' | 'digest'>) => boolean;
  readonly covers: (subject: WaiverSubject, purl: PackageUrl | undefined) => boolean;
  readonly index: { readonly by: 'id' | 'purl' | 'path'; readonly prefix: string };
}

interface ScopedIndex {
  readonly byId: ReadonlyMap<string, readonly Compiled[]>;
  /** Those without an id. */
  readonly byPurl: PrefixIndex<Compiled>;
  readonly byPath: PrefixIndex<Compiled>;
  /** By how they are written: thousands of findings are about one package. */
  readonly purls: Map<string, PackageUrl>;
}

/**
 * Whether a subject in an image is waived now. Of several waivers the one that ends last counts.
 */
export function waiverFor(
  subject: WaiverSubject,
  image: Pick<Image, 'repository' | 'digest'>,
  waivers: Waivers,
  now: Date,
): WaiverAnswer | undefined {
  let covered: Compiled | undefined;
  let expired: Extract<WaiverAnswer, { expired: Waiver }> | undefined;
  const index = indexFor(waivers, image);
  const purl = subject.purl === undefined ? undefined : purlIn(index, subject.purl);
  for (const each of candidates(subject, purl, index)) {
    if (!each.covers(subject, purl)) continue;
    const isExpired = each.ends < now.getTime();
    if (!isExpired && !(subject.isFixed && each.waiver.until === 'fixed')) {
      if (covered === undefined || isLater(each, covered)) covered = each;
    } else {
      const endedAt = isExpired ? new Date(each.ends) : now;
      if (expired === undefined || endedAt > expired.endedAt) {
        expired = { expired: each.waiver, endedAt, why: isExpired ? 'expired' : 'fixed' };
      }
    }
  }
  return covered === undefined ? expired : { covered: covered.waiver, endsAt: new Date(covered.ends) };
}

function purlIn({ purls }: ScopedIndex, text: string): PackageUrl {
  const purl = purls.get(text) ?? packageUrl(text, 'narrow');
  purls.set(text, purl);
  return purl;
}

function* candidates(
  { ids, path }: WaiverSubject,
  purl: PackageUrl | undefined,
  { byId, byPurl, byPath }: ScopedIndex,
): Generator<Compiled, void> {
  for (const id of ids) yield* byId.get(id) ?? [];
  if (purl !== undefined) yield* byPurl.beginningOf(purl.base);
  if (path !== undefined) yield* byPath.beginningOf(withoutRoot(path));
}

/** Of two that end on one day, the order of the file must not decide which one is used. */
function isLater(a: Compiled, b: Compiled): boolean {
  return a.ends > b.ends || (a.ends === b.ends && a.waiver.key < b.waiver.key);
}

function compile(waiver: Waiver): Compiled {
  const { id, type, digests } = waiver;
  const purl = waiver.purl === undefined ? undefined : compilePurl(waiver.purl, 'narrow');
  const path = waiver.path === undefined ? undefined : compileGlob(withoutRoot(waiver.path));
  const repositories = waiver.repositories?.map(compileGlob);
  return {
    waiver,
    ends: endOf(waiver).getTime(),
    isInScope: image =>
      (repositories !== undefined || digests !== undefined) &&
      (repositories === undefined || repositories.some(glob => glob.matches(image.repository))) &&
      (digests === undefined || digests.includes(image.digest)),
    covers: (subject, of) =>
      (id === undefined || subject.ids.includes(id)) &&
      (type === undefined || subject.type === type) &&
      (purl === undefined || (of !== undefined && purl.matches(of))) &&
      (path === undefined || (subject.path !== undefined && path.matches(withoutRoot(subject.path)))) &&
      (subject.type !== 'secret' || digests !== undefined), // the secret of the next image is another one
    index:
      id !== undefined
        ? { by: 'id', prefix: id }
        : purl !== undefined
          ? { by: 'purl', prefix: purl.prefix }
          : { by: 'path', prefix: path?.prefix ?? '' },
  };
}

/** Trivy begins the path of a secret with `/`, and that of a package without. */
function withoutRoot(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}

/**
 * All findings of an image are compared with the same waivers, so the index of those in scope is kept for the
 * last image. It depends on waivers and image only, so keeping it changes no answer.
 */
const kept = new WeakMap<
  Waivers,
  { readonly compiled: readonly Compiled[]; image: string; index: ScopedIndex }
>();

function indexFor(waivers: Waivers, image: Pick<Image, 'repository' | 'digest'>): ScopedIndex {
  const name = `${image.repository}@${image.digest}`;
  const last = kept.get(waivers);
  if (last?.image === name) return last.index;
  const compiled = last?.compiled ?? waivers.map(compile);
  const index = indexOf(compiled.filter(each => each.isInScope(image)));
  kept.set(waivers, { compiled, image: name, index });
  return index;
}

function indexOf(inScope: readonly Compiled[]): ScopedIndex {
  const byId = new Map<string, Compiled[]>();
  const byPurl = new PrefixIndex<Compiled>();
  const byPath = new PrefixIndex<Compiled>();
  for (const each of inScope) {
    const { by, prefix } = each.index;
    if (by !== 'id') (by === 'purl' ? byPurl : byPath).add(prefix, each);
    else if (!byId.get(prefix)?.push(each)) byId.set(prefix, [each]);
  }
  return { byId, byPurl, byPath, purls: new Map() };
}
