/**
 * The last days of security fixes of current releases, by the calendar of the pinned Trivy
 * (`pkg/detector/ospkg/<family>` of 0.74.0); a test compares the two. Releases whose end is not known yet are
 * not in it, nor are those that ended before 2026: Trivy reports these itself.
 */
const LAST_DAYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  alma: { 8: '2029-03-01', 9: '2032-05-31', 10: '2035-05-31' },
  alpine: { '3.20': '2026-04-01', '3.21': '2026-12-05', '3.22': '2027-04-30', '3.23': '2027-11-01' },
  amazon: { 2: '2026-06-30', 2023: '2028-03-15' },
  debian: { 11: '2026-08-14', 12: '2028-06-10' },
  'opensuse-leap': { '16.0': '2027-10-31' },
  oracle: { 8: '2029-07-18', 9: '2032-07-18' },
  photon: { '4.0': '2026-03-31' },
  rocky: { 8: '2029-05-31', 9: '2032-05-31' },
  slem: {
    '5.2': '2026-04-30',
    '5.3': '2026-10-30',
    '5.4': '2027-04-30',
    '5.5': '2027-10-31',
    '6.0': '2028-06-30',
    '6.1': '2028-11-30',
  },
  sles: { '15.7': '2031-07-31', '16.0': '2027-11-30', '16.1': '2028-11-30' },
  ubuntu: {
    '16.04-ESM': '2026-04-29',
    '18.04-ESM': '2028-03-31',
    '20.04-ESM': '2030-04-30',
    '22.04': '2027-04-23',
    '24.04': '2034-03-31',
    '25.04': '2026-01-16',
    '25.10': '2026-07-01',
    '26.04': '2031-05-31',
  },
};

/** The whole calendar, for the test that compares it. */
export const OS_CALENDAR: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(LAST_DAYS).map(([family, releases]) => [family, new Map(Object.entries(releases))]),
);

/**
 * The last day (UTC) on which a release gets fixes, by its whole version, by `major.minor`, or by its major
 * version. Undefined where it is not known.
 */
export function lastDayOf({
  Family,
  Name,
}: {
  readonly Family: string;
  readonly Name: string;
}): string | undefined {
  const releases = OS_CALENDAR.get(Family);
  const [version = ''] = Name.split(' '); // Amazon Linux: `2 (Karoo)`
  const [major = '', minor = ''] = version.split('.');
  return releases?.get(version) ?? releases?.get(`${major}.${minor}`) ?? releases?.get(major);
}
