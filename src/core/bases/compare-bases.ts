import type { Verdict } from '../evidence/verdict';
import type { Finding } from '../scanning/finding';
import { normalise } from '../scanning/normalise';
import type { TrivyReport } from '../scanning/trivy-report';
import { isFixedIn } from '../scanning/upgrade';

/** A scan, and how much its scanner knew. */
export interface ScannedBase {
  readonly report: TrivyReport;
  /** Date of the vulnerability database. Undefined if it does not know the release of the image. */
  readonly databaseUpdatedAt?: string;
}

/** What becomes of the findings of a base image in a newer one. */
export interface Comparison {
  /** The newer one does not have them. */
  readonly gone: readonly Finding[];
  readonly stay: readonly Finding[];
  /** Its database may be too old to know them, and its versions do not show a fix either. */
  readonly unknown: readonly Finding[];
  /** How many findings only the newer one has. */
  readonly brings: number;
}

/**
 * Compares by vulnerability and package. A scan finds nothing that its database does not know yet: if it may
 * not have known a vulnerability, only a fixed version counts.
 *
 * @param dateOf by fingerprint, the date of a database that knew it
 */
export function compareBases(
  findings: readonly Finding[],
  dateOf: (fingerprint: string) => number,
  newer: ScannedBase,
): Comparison {
  const found = normalise(newer.report).filter(isOfLayer);
  const had = new Set(findings.map(keyOf));
  const has = new Set(found.map(keyOf));
  // the same vulnerability in a package of another name: it may have been renamed
  const moved = new Set(found.filter(each => !had.has(keyOf(each))).map(({ id }) => id));
  const versions = versionsOf(newer.report);
  const date = newer.databaseUpdatedAt === undefined ? -Infinity : Date.parse(newer.databaseUpdatedAt);
  const isGone = (finding: Finding) =>
    finding.type === 'secret' ||
    (versions.size > 0 && (date >= dateOf(finding.fingerprint) || isFixed(finding, versions)));
  const [gone, stay, unknown]: [Finding[], Finding[], Finding[]] = [[], [], []];
  for (const finding of findings) {
    const stays = has.has(keyOf(finding)) || (finding.type === 'vulnerability' && moved.has(finding.id));
    (stays ? stay : isGone(finding) ? gone : unknown).push(finding);
  }
  return { gone, stay, unknown, brings: [...has].filter(key => !had.has(key)).length };
}

/**
 * A date at which a database knew a finding: that of the image itself, or of an earlier scan of its base
 * image.
 */
export function knownBy(
  { database }: Pick<Verdict, 'database'>,
  base: Pick<Verdict, 'database' | 'firstSeen'> | undefined,
): (fingerprint: string) => number {
  const inImage = Date.parse(database.updatedAt);
  const inBase = new Map<string, number>();
  for (const [at, fingerprints] of Object.entries(base?.firstSeen ?? {})) {
    const date = Math.min(Date.parse(at), Date.parse(base!.database.updatedAt));
    for (const fingerprint of fingerprints) inBase.set(fingerprint, date);
  }
  return fingerprint => Math.min(inImage, inBase.get(fingerprint) ?? Infinity);
}

/** No layer brings a misconfiguration, and Trivy names none for a licence. */
function isOfLayer({ type }: Finding): boolean {
  return type === 'vulnerability' || type === 'secret';
}

function keyOf({ type, id, package: name, path }: Finding): string {
  return JSON.stringify([type, id, type === 'secret' ? path : name]);
}

/** Every version of the package that it has is a fixed one. */
function isFixed(
  { package: name, fixedVersion }: Finding,
  versions: ReadonlyMap<string, readonly string[]>,
): boolean {
  const its = versions.get(name ?? '');
  return (
    its !== undefined && fixedVersion !== undefined && its.every(version => isFixedIn(version, fixedVersion))
  );
}

function versionsOf({ Results = [] }: TrivyReport): Map<string, string[]> {
  const versions = new Map<string, string[]>();
  for (const { Name, Version = '', Release = '' } of Results.flatMap(({ Packages = [] }) => Packages)) {
    const its = versions.get(Name) ?? [];
    its.push(Release === '' ? Version : `${Version}-${Release}`);
    versions.set(Name, its);
  }
  return versions;
}
