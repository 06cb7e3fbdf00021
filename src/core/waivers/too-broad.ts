/*
 * What a pattern must not be. `alone`: the waiver has no id, so the pattern covers whatever is found there.
 * Such a pattern must name the package or a folder. One that is all stars, or nearly so, would waive
 * everything.
 */

const QUALIFIER = /^[a-z][a-z0-9._-]*=/;

export function problemWithPurl(purl: string, alone?: 'alone'): string | undefined {
  if (!/^pkg:[a-z][a-z0-9.+-]*\/[!-~]+$/.test(purl)) {
    return 'allowed: pkg:<type>/<name>@<version> in visible ASCII characters; the type is written out';
  }
  const [base = '', qualifiers = ''] = purl.split('#', 1)[0]!.split(/\?(.*)/);
  const wrong = qualifiers.split('&').find(each => qualifiers !== '' && !QUALIFIER.test(each));
  if (wrong !== undefined) {
    return `allowed: qualifiers as <key>=<value>, the key in lower-case letters, digits and . _ -; it has ${wrong.slice(0, 60)}`;
  }
  if (base.includes('/@')) return 'allowed: %40 for the @ of a scope, as in pkg:npm/%40angular/core@17.0.0';
  if (!base.includes('@') && !base.endsWith('*')) {
    return `allowed: a version or a star at the end; write ${base.slice(0, 60)}@* for every version`;
  }
  if (alone !== undefined && !namesPackage(base)) {
    return `which is too broad without an id; write out the name of the package, or at least its first ${WRITTEN_OUT} letters or digits before a star, or add the id`;
  }
  return undefined;
}

/** Half of a distribution begins with `lib`. */
const WRITTEN_OUT = 4;

/** An escape does not count as letters: the name of every npm scope begins with `%40`. */
function namesPackage(base: string): boolean {
  const name = base.split('@')[0]!.split('/').at(-1)!;
  const [beginning, ...rest] = name.split('*');
  // it crosses the slash: what is written out is not a name then, but a folder of names
  if (name.includes('**') && !name.startsWith('%40')) return false;
  return (
    rest.length === 0 ||
    beginning!.replace(/%[0-9A-Fa-f]{0,2}/g, '').replace(/[^A-Za-z0-9]/g, '').length >= WRITTEN_OUT
  );
}

export function problemWithPath(path: string, alone?: 'alone'): string | undefined {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'allowed: a path on one line';
  const segments = path.split('/');
  if (segments.includes('..') || segments.includes('.')) {
    return 'allowed: a path as Trivy reports it, without . and ..';
  }
  if (
    alone !== undefined &&
    !segments.some(segment => !segment.includes('*') && /[\p{L}\p{N}]/u.test(segment))
  ) {
    return 'which is too broad without an id; name at least one folder or file in full, or add the id';
  }
  return undefined;
}

export function problemWithRepository(pattern: string): string | undefined {
  if (!/^[a-z0-9._/*-]+$/.test(pattern)) {
    return 'allowed: lower-case letters, digits, . _ - / and * (Amazon ECR has no others)';
  }
  if (pattern.startsWith('/') || pattern.endsWith('/')) {
    return 'allowed: the whole name without the registry; it neither begins nor ends with /';
  }
  if (pattern !== '**' && !/[a-z0-9]/.test(pattern)) {
    return 'allowed: a name with a letter or digit in it; write "**" if you mean every repository';
  }
  return undefined;
}

export function everyRepository(repositories: unknown): boolean {
  return Array.isArray(repositories) && repositories.includes('**');
}
