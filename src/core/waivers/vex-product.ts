import { ofEveryVersion } from './imported';
import type { VexProduct } from './vex-document';
import { failed, ok, type Result } from '../result';
import { quoted } from '../text/plain-text';
import { packageUrl } from '../text/purl';

/** The product of a statement: where the statement holds, and for which packages. */
export interface VexTarget {
  readonly repository?: string;
  readonly digest?: string;
  /** Patterns. Empty: everything in the image. */
  readonly purls: readonly string[];
}

/**
 * An image, with or without packages in it, or a package in any image. A product that is narrowed in a way
 * that a waiver cannot express is an error.
 */
export function targetOf(product: VexProduct, registries: readonly string[]): Result<VexTarget, string> {
  const purl = purlOf(product);
  if (!purl.ok) return purl;
  const packages = (product.subcomponents ?? []).map(packageOf);
  for (const each of packages) if (!each.ok) return each;
  const purls = packages.flatMap(each => (each.ok ? [each.value] : []));
  if (purl.value !== undefined && !purl.value.startsWith('pkg:oci/')) {
    if (purls.length > 0) {
      return failed(
        `${quoted(purl.value, 120)} is a package with subcomponents, allowed: an image (pkg:oci/…) with subcomponents, or a package without`,
      );
    }
    const own = packageOf(product);
    return own.ok ? ok({ purls: [own.value] }) : own;
  }
  const image = imageOf(purl.value, product.hashes ?? {}, registries);
  return image.ok ? ok({ ...image.value, purls }) : image;
}

/** Whether two targets have something in common. True where that is not known, or could be. */
export function overlaps(a: VexTarget, b: VexTarget): boolean {
  const differ = (one: string | undefined, other: string | undefined) =>
    one !== undefined && other !== undefined && one !== other;
  if (differ(a.repository, b.repository) || differ(a.digest, b.digest)) return false;
  const packages = new Set(b.purls.map(purl => packageUrl(purl, 'wide').withoutVersion));
  return (
    a.purls.length === 0 ||
    b.purls.length === 0 ||
    a.purls.some(purl => packages.has(packageUrl(purl, 'wide').withoutVersion))
  );
}

function packageOf(component: VexProduct): Result<string, string> {
  const purl = purlOf(component);
  if (!purl.ok) return purl;
  if (purl.value === undefined) {
    return failed(
      'a component without a package URL, required: "@id" or identifiers.purl as pkg:<type>/<name>@<version>',
    );
  }
  if (purl.value.includes('*')) {
    return failed(
      `${quoted(purl.value, 120)} has a star, which is an ordinary character in VEX; write each package out`,
    );
  }
  return ok(ofEveryVersion(purl.value));
}

function purlOf(component: VexProduct): Result<string | undefined, string> {
  const id = component['@id'];
  const named = component.identifiers?.purl;
  const purls = new Set([...(id?.startsWith('pkg:') ? [id] : []), ...(named === undefined ? [] : [named])]);
  return purls.size > 1
    ? failed(`two package URLs, ${[...purls].map(each => quoted(each, 120)).join(' and ')}, allowed: one`)
    : ok([...purls][0]);
}

type Place = Omit<VexTarget, 'purls'>;
interface ProductImage {
  readonly purl: string;
  readonly name: string;
  readonly digest?: string;
}

function imageOf(
  purl: string | undefined,
  hashes: Readonly<Record<string, string>>,
  registries: readonly string[],
): Result<Place, string> {
  const hash = hashes['sha-256'];
  if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) {
    return failed(`the sha-256 is ${quoted(hash, 120)}, allowed: 64 hex digits`);
  }
  const digest = hash === undefined ? undefined : `sha256:${hash}`;
  if (purl === undefined) {
    if (digest !== undefined) return ok({ digest });
    return failed(
      'a product that is not a package URL and has no sha-256, allowed: pkg:oci/…, pkg:<type>/…, or the digest of an image in hashes',
    );
  }

  const [, name, version, rest] = /^pkg:oci\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?$/.exec(purl) ?? [];
  if (name === undefined) {
    return failed(
      `${quoted(purl, 120)} is not an image, allowed: pkg:oci/<name>@sha256:<64 hex>?repository_url=<registry>/<repository>`,
    );
  }
  const named = version === undefined || version === '' ? undefined : decoded(version);
  if (named !== undefined && !/^sha256:[0-9a-f]{64}$/.test(named)) {
    return failed(
      `${quoted(purl, 120)} has the version ${quoted(named, 120)}, allowed: sha256:<64 hex>, or none for every image of the repository`,
    );
  }
  if (named !== undefined && digest !== undefined && named !== digest) {
    return failed(`${quoted(purl, 120)} has another digest in its hashes, allowed: the same`);
  }
  return withQualifiers({ purl, name: decoded(name), digest: named ?? digest }, rest ?? '', registries);
}

function withQualifiers(
  { purl, name, digest }: ProductImage,
  rest: string,
  registries: readonly string[],
): Result<Place, string> {
  const pairs = rest === '' ? [] : rest.split('&');
  const qualifiers = new Map(
    pairs.map(each => [each.split('=')[0]!, decoded(each.slice(each.indexOf('=') + 1))]),
  );
  if (qualifiers.size < pairs.length) {
    return failed(`${quoted(purl, 120)} has a qualifier twice, allowed: once`);
  }
  const url = qualifiers.get('repository_url');
  qualifiers.delete('repository_url');
  // a digest is more exact than any qualifier; without it, qualifiers would narrow the statement, but not the
  // waiver
  const narrower = digest === undefined ? [...qualifiers.keys()] : [];
  if (narrower.length > 0) {
    return failed(
      `${quoted(purl, 120)} has ${narrower.map(each => quoted(each, 120)).join(', ')}, allowed without a digest: repository_url alone; name the digest`,
    );
  }
  if (url === undefined) {
    return digest !== undefined
      ? ok({ digest })
      : failed(`${quoted(purl, 120)} names no image, required: repository_url, a digest or both`);
  }
  const slash = url.indexOf('/');
  const [registry, repository] = [url.slice(0, slash), url.slice(slash + 1)];
  if (slash < 0 || !registries.includes(registry)) {
    return failed(
      `${quoted(purl, 120)} is in the registry ${quoted(slash < 0 ? url : registry, 120)}, allowed: ${registries.join(', ') || 'none was given'}`,
    );
  }
  if (repository.includes('*') || repository.split('/').at(-1) !== name) {
    return failed(
      `${quoted(purl, 120)} has the repository ${quoted(repository, 120)}, allowed: one that ends in its name, ${quoted(name, 120)}`,
    );
  }
  return ok({ repository, ...(digest !== undefined && { digest }) });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // not an escape: no name, digest or registry is written like that, so it is refused as it is
    return text;
  }
}
