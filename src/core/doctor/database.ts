import { ageText, firstFew, found, noneHere, ok, secondsSince, type Look } from './line';
import { Seconds } from '../times';

export interface DatabaseOfVerdict {
  readonly scannedAt: string;
  readonly databaseUpdatedAt: string;
}

/** A repository of Amazon ECR that builds download a database from. */
export interface DatabaseMirror {
  readonly reference: string;
  /** When its tag was pushed; undefined where there is no such image. */
  readonly pushedAt: Date | undefined;
}

/**
 * How old the vulnerability database was in the last scan: if there were no scans, that is another fault.
 *
 * @param failed images whose last scan failed because of the database, by cause
 */
export function databaseAge(
  verdicts: readonly DatabaseOfVerdict[],
  failed: Readonly<Record<string, number>>,
): Look {
  const limit = `at most ${ageText(Seconds.databaseIsOld)} old in the last scan`;
  const last = verdicts.reduce<DatabaseOfVerdict | undefined>(
    (newest, each) => (newest === undefined || each.scannedAt > newest.scannedAt ? each : newest),
    undefined,
  );
  const age = last === undefined ? undefined : secondsSince(last.databaseUpdatedAt, new Date(last.scannedAt));
  const value =
    age === undefined ? 'no scan yet' : `of ${last!.databaseUpdatedAt}, ${ageText(age)} old at the last scan`;
  const causes = Object.entries(failed).map(([cause, images]) => `${images} images ${cause}`);
  const refresh =
    'refresh the mirror of the database, or let builds reach the registries that the option database names';
  if (causes.length > 0) return found(limit, `${value}; last scan of ${firstFew(causes)}`, refresh);
  return age !== undefined && age > Seconds.databaseIsOld ? found(limit, value, refresh) : ok(limit, value);
}

/**
 * Builds download them at every scan. Public registries are not asked from here: builds have another network.
 *
 * @param mirrors undefined where the text of the builds is not known
 */
export function databaseMirrors(mirrors: readonly DatabaseMirror[] | undefined, now: Date): Look {
  const limit = `there, and pushed in the last ${ageText(Seconds.databaseIsOld)}`;
  if (mirrors === undefined) return noneHere(limit, 'builds');
  if (mirrors.length === 0) return ok(limit, 'none: builds use other registries, which are not asked');
  const bad = mirrors.flatMap(({ reference, pushedAt }) => {
    if (pushedAt === undefined) return [`${reference} (not there)`];
    const age = secondsSince(pushedAt, now);
    return age > Seconds.databaseIsOld ? [`${reference} (${ageText(age)} old)`] : [];
  });
  return bad.length === 0
    ? ok(limit, firstFew(mirrors.map(({ reference }) => reference)))
    : found(
        limit,
        firstFew(bad),
        'run what copies the databases into Amazon ECR, and find out why it stopped',
      );
}
