/**
 * `*` stands for any characters. Never a regular expression: patterns come from whoever writes a buildspec or
 * a repository.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matches(
    [...pattern],
    [...text],
    each => each === '*',
    (one, other) => one === other,
  );
}

/** `*` stands for any characters in one name, `**` for any folders. */
export function matchesPath(pattern: string, path: string): boolean {
  return matches(pattern.split('/'), path.split('/'), each => each === '**', matchesWildcard);
}

/** Goes back to the last star only, so the time is at most the product of the lengths. */
function matches(
  pattern: string[],
  text: string[],
  isStar: (part: string) => boolean,
  fits: (part: string, piece: string) => boolean,
): boolean {
  let at = 0;
  let star: { pattern: number; text: number } | undefined;
  for (let position = 0; position < text.length;) {
    if (at < pattern.length && isStar(pattern[at])) {
      star = { pattern: at++, text: position };
    } else if (at < pattern.length && fits(pattern[at], text[position])) {
      at++;
      position++;
    } else if (star !== undefined) {
      at = star.pattern + 1;
      position = ++star.text;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(isStar);
}
