import { OS_CALENDAR } from '../../../../src/core/policy/rules/os-calendar';
import { trivySource } from '../../support/trivy-source';

/** Where Trivy's source has the last days: the package, and the map in it. */
const MAPS: Readonly<Record<string, readonly [string, string]>> = {
  alma: ['alma', 'eolDates'],
  alpine: ['alpine', 'eolDates'],
  amazon: ['amazon', 'eolDates'],
  centos: ['redhat', 'centosEOLDates'],
  debian: ['debian', 'eolDates'],
  'opensuse-leap': ['suse', 'opensuseEolDates'],
  oracle: ['oracle', 'eolDates'],
  photon: ['photon', 'eolDates'],
  redhat: ['redhat', 'redhatEOLDates'],
  rocky: ['rocky', 'eolDates'],
  slem: ['suse', 'slemicroEolDates'],
  sles: ['suse', 'slesEolDates'],
  ubuntu: ['ubuntu', 'eolDates'],
};
const FIRST_YEAR = 2026;
/** What Trivy writes where nobody knows the day. */
const NEVER = 3000;

test('the calendar is that of the pinned Trivy', async () => {
  const source = await trivySource();
  const theirs = Object.entries(MAPS).map(
    ([family, [folder, name]]) =>
      [family, releasesIn(source(`pkg/detector/ospkg/${folder}/${folder}.go`), name)] as const,
  );
  expect(theirs.every(([, { all }]) => all > 0)).toBe(true);
  const living = theirs
    .map(([family, { living: releases }]) => [family, releases] as const)
    .filter(([, releases]) => releases.size > 0);
  expect(OS_CALENDAR).toEqual(new Map(living));
}, 300_000);

function releasesIn(
  source: string,
  map: string,
): { readonly all: number; readonly living: ReadonlyMap<string, string> } {
  const body =
    new RegExp(`\\b${map} = map\\[string\\]time\\.Time\\{(.*?)\\n\\t?\\}`, 's').exec(source)?.[1] ?? '';
  const dates = [...body.matchAll(/^\s*"([^"]+)":\s*time\.Date\((\d+), (\d+), (\d+), /gm)].map(
    ([, release, year, month, day]) => ({ release: release!, year: Number(year), month: month!, day: day! }),
  );
  const living = dates
    .filter(({ year }) => year >= FIRST_YEAR && year < NEVER)
    .map(
      ({ release, year, month, day }) =>
        [release, `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`] as const,
    );
  return { all: dates.length, living: new Map(living) };
}
