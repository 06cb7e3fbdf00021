import { compileGlob, type Glob } from './glob';

interface PurlParts {
  /** `pkg:<type>/<namespace>/<name>@<version>` */
  readonly base: string;
  /** `arch=amd64`, … */
  readonly qualifiers: readonly string[];
  readonly subpath: string;
}

export interface PurlPattern {
  readonly prefix: string;
  matches(purl: string): boolean;
}

/**
 * A package URL as a pattern: globs up to the version, then qualifiers that the package must have, as VEX
 * and Trivy compare them. Without qualifiers it matches the package on every architecture and distribution.
 * @see https://github.com/package-url/purl-spec
 */
export function compilePurl(pattern: string): PurlPattern {
  const { base, qualifiers, subpath } = purlParts(pattern);
  const globs = {
    base: compileGlob(base),
    qualifiers: qualifiers.map(compileGlob),
    subpath: compileGlob(subpath),
  };
  return { prefix: globs.base.prefix, matches: purl => matchesParts(globs, purlParts(purl)) };
}

function matchesParts(
  globs: { base: Glob; qualifiers: readonly Glob[]; subpath: Glob },
  purl: PurlParts,
): boolean {
  return (
    globs.base.matches(purl.base) &&
    globs.qualifiers.every(wanted => purl.qualifiers.some(qualifier => wanted.matches(qualifier))) &&
    globs.subpath.matches(purl.subpath)
  );
}

export function purlParts(text: string): PurlParts {
  const [rest, subpath] = cut(text.includes('%') ? text.replace(SAME, decodeURIComponent) : text, '#');
  const [base, qualifiers] = cut(rest, '?');
  return { base, qualifiers: qualifiers === '' ? [] : qualifiers.split('&'), subpath };
}

/**
 * Some tools escape `+`, `:` and `~`, others do not. An escaped `/` or `@` stays escaped: it is part of a
 * name.
 */
const SAME = /%(?:2B|3A|7E)/gi;

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
