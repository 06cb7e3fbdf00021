/**
 * The lowest version that fixes everything, where that is clear; otherwise undefined. `fixedVersions` are
 * Trivy's: one version, or one for each line of releases, as `4.17.21, 5.0.3`.
 */
export function upgradeFor(
  installed: string | undefined,
  fixedVersions: readonly string[],
): string | undefined {
  const asked = [...new Set(fixedVersions)].map(versionsIn);
  const fixing = [...new Set(asked.flat())].filter(
    version => asked.every(each => fixes(version, each)) && !isOlder(version, installed, asked),
  );
  return fixing.find(version => fixing.every(other => (compareVersions(version, other) ?? 1) <= 0));
}

/** Whether a version is one that fixes, or a later one of its line, where that is clear. */
export function isFixedIn(version: string, fixedVersion: string): boolean {
  return fixes(version, versionsIn(fixedVersion));
}

function versionsIn(fixedVersion: string): string[] {
  return fixedVersion.split(/\s*,\s*/).filter(version => version !== '');
}

/** Of several lines of releases, only those count that are newer than what is installed. */
function isOlder(
  version: string,
  installed: string | undefined,
  asked: readonly (readonly string[])[],
): boolean {
  const isOnly = asked.some(each => each.length === 1 && each[0] === version);
  return !isOnly && !((compareVersions(version, installed ?? '') ?? 0) > 0);
}

/** It is named, belongs to the same line and is not older, or is not older than all lines. */
function fixes(version: string, lines: readonly string[]): boolean {
  return (
    lines.some(line => line === version || (lineOf(line) === lineOf(version) && isAtLeast(version, line))) ||
    lines.every(line => isAtLeast(version, line))
  );
}

function isAtLeast(version: string, other: string): boolean {
  return (compareVersions(version, other) ?? -1) >= 0;
}

function lineOf(version: string): string {
  return version.replace(/\d+$/, '');
}

/**
 * Which of two versions is newer, if every package manager says the same: the first number or single letter
 * that differs decides, or one goes on with `.` and a number where the other ends. Undefined if it is not
 * clear: each package manager orders words, `~` and `-` in its own way.
 */
export function compareVersions(a: string, b: string): number | undefined {
  const [one, other] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const [left, right] = [one[at], other[at]];
    if (left === right) continue;
    if (left === undefined) return goesOnWithNumber(other, at) ? -1 : undefined;
    if (right === undefined) return goesOnWithNumber(one, at) ? 1 : undefined;
    if (NUMBER.test(left) && NUMBER.test(right)) return Number(left) - Number(right);
    return isLetter(one, at) && isLetter(other, at) ? left.charCodeAt(0) - right.charCodeAt(0) : undefined;
  }
  return 0;
}

/** Without leading zeros, since Alpine reads `1.05` as a fraction. What is longer is a hash or a time. */
const NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/** Numbers, and what is between them. Go writes `v` before some, and an epoch of 0 may be left out. */
function partsOf(version: string): string[] {
  const text = version.slice(0, 200).replace(/^v(?=\d)/, '');
  const parts = text.match(/\d+|[a-z]+|[^\da-z]+/gi) ?? [];
  return /^\d+:/.test(text) ? parts : ['0', ':', ...parts];
}

/** As in OpenSSL's `1.1.1k`. */
function isLetter(parts: readonly string[], at: number): boolean {
  return /^[a-z]$/.test(parts[at]!) && NUMBER.test(parts[at - 1] ?? '') && !/^\w/.test(parts[at + 1] ?? '');
}

function goesOnWithNumber(parts: readonly string[], at: number): boolean {
  return parts[at] === '.' && NUMBER.test(parts[at + 1] ?? '');
}
