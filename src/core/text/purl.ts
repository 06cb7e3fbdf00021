import { compileGlob, type Glob } from './glob';
import { type Comparison, type Fold, purlType, type PurlType } from './purl-types';

/** A package URL in one spelling: two URLs of the same package are the same text. */
export interface PackageUrl {
  readonly type: PurlType;
  /** `pkg:<type>/<namespace>/<name>@<version>` */
  readonly base: string;
  readonly withoutVersion: string;
  /** `arch=amd64`, … */
  readonly qualifiers: readonly string[];
  readonly subpath: string;
}

export interface PurlPattern {
  readonly prefix: string;
  matches(purl: PackageUrl): boolean;
}

/**
 * A package URL, spelt as it is compared.
 *
 * @see https://github.com/package-url/purl-spec
 */
export function packageUrl(text: string, comparison: Comparison): PackageUrl {
  const written = split(text, comparison);
  return spelt(written, written.type, spelling);
}

/**
 * A package URL as a pattern: globs up to the version, then qualifiers that the package must have, as VEX
 * and Trivy compare them. Without qualifiers it matches the package on every architecture and distribution.
 */
export function compilePurl(pattern: string, comparison: Comparison): PurlPattern {
  const written = split(pattern, comparison);
  const compile = (type: PurlType) => {
    const { base, qualifiers, subpath } = spelt(written, type, betweenStars);
    return {
      base: compileGlob(base),
      qualifiers: qualifiers.map(compileGlob),
      subpath: compileGlob(subpath),
    };
  };
  const own = compile(written.type);
  if (!written.segments[0]?.includes('*')) {
    return { prefix: own.base.prefix, matches: purl => matchesParts(own, purl) };
  }
  // a pattern for many types is spelt as the type of each package is
  const globs = new Map([[written.type, own]]);
  const of = (type: PurlType) => {
    const known = globs.get(type) ?? compile(type);
    globs.set(type, known);
    return known;
  };
  return { prefix: 'pkg:', matches: purl => matchesParts(of(purl.type), purl) };
}

interface Globs {
  readonly base: Glob;
  readonly qualifiers: readonly Glob[];
  readonly subpath: Glob;
}

function matchesParts({ base, qualifiers, subpath }: Globs, purl: PackageUrl): boolean {
  return (
    base.matches(purl.base) &&
    qualifiers.every(wanted => purl.qualifiers.some(each => wanted.matches(each))) &&
    subpath.matches(purl.subpath)
  );
}

/** A package URL as it is written, in its parts. */
interface Written {
  readonly type: PurlType;
  /** The type, then the namespace, then the name. */
  readonly segments: readonly string[];
  /** With its `@`. */
  readonly version: string;
  readonly qualifiers: string;
  readonly subpath: string;
}

/** The type, the namespace if there is one, and the name, as they are written, and what follows them. */
export function partsOf(text: string): { readonly segments: readonly string[]; readonly rest: string } {
  const { segments, version, qualifiers, subpath } = split(text, 'narrow');
  const rest = [version, qualifiers && `?${qualifiers}`, subpath && `#${subpath}`].join('');
  return { segments, rest };
}

function split(text: string, comparison: Comparison): Written {
  const [beforeSubpath, subpath] = cut(text, '#');
  const [base, qualifiers] = cut(beforeSubpath, '?');
  const at = base.lastIndexOf('@');
  // no name is empty: the @ after a slash begins the scope of a name
  const end = at > 0 && base[at - 1] !== '/' ? at : base.length;
  const path = base.slice(0, end).replace(/^pkg:/i, '');
  const [type = '', ...rest] = path.split('/').filter(segment => segment !== '');
  return {
    type: purlType(type.toLowerCase(), qualifiers, comparison),
    segments: [type.toLowerCase(), ...rest],
    version: base.slice(end),
    qualifiers,
    subpath,
  };
}

type Spelling = (text: string, fold: Fold) => string;

function spelt(
  { segments, version, qualifiers, subpath }: Written,
  type: PurlType,
  as: Spelling,
): PackageUrl {
  const path = segments.map((segment, at) =>
    as(segment, at === segments.length - 1 ? type.name : at === 0 ? asIs : type.namespace),
  );
  const withoutVersion = `pkg:${path.join('/')}`;
  return {
    type,
    withoutVersion,
    base: version === '' ? withoutVersion : `${withoutVersion}@${as(version.slice(1), type.version)}`,
    qualifiers:
      qualifiers === '' ? [] : qualifiers.split('&').flatMap(each => qualifier(each, type.qualifiers, as)),
    subpath: subpath
      .split('/')
      .filter(segment => segment !== '' && segment !== '.' && segment !== '..')
      .map(segment => as(segment, type.subpath))
      .join('/'),
  };
}

const asIs: Fold = text => text;

/** A qualifier with an empty value is none. */
function qualifier(text: string, fold: Fold, as: Spelling): string[] {
  if (!text.includes('=')) return [text];
  const [key, value] = cut(text, '=');
  return value === '' ? [] : [`${key.toLowerCase()}=${as(value, fold)}`];
}

/** Without an escape or anything to be escaped. */
const PLAIN = /^[\w.~:+-]*$/;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const SEPARATORS = /[%*/@?#&=]/g;
const STAR = /\*/g;

/**
 * What separates parts is escaped, and a star, which is an ordinary character here. Nothing else is: some
 * tools escape `+`, `:` and `~`, others do not.
 */
const spelling: Spelling = (text, fold) => {
  const folded = fold(PLAIN.test(text) ? text : text.replace(ESCAPES, decoded));
  return PLAIN.test(folded) ? folded : folded.replace(SEPARATORS, escaped);
};

/** The stars of a pattern stay stars. */
const betweenStars: Spelling = (text, fold) =>
  text
    .split('*')
    .map(part => spelling(part, fold))
    .join('*');

function escaped(character: string): string {
  return encodeURIComponent(character).replace(STAR, '%2A');
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes; // not UTF-8: it is read literally
  }
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
