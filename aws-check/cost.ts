import { SUITES, SUITES_AT_ONCE, type SuiteName } from './suites';
import { PRICES } from '../src/core/cost/prices';

const HOURS_OF_A_MONTH = 730;
/** As the README counts them. */
const BUILD_MINUTES = 2;
/** Builds of the check itself: the probe of the deployment, pushes of every kind, builds by hand. */
const OWN_BUILDS = 12;
const KEYS = 6;
const ALARMS = 40;
/** Deployment, builds by hand, removal. */
const OWN_MINUTES = 20;

/** Of the second app: builds, keys and alarms as its templates have them, and its two deployments. */
export const SECOND = { builds: 6, keys: 5, alarms: 14, minutes: 40 };

export interface Estimate {
  readonly builds: number;
  readonly minutes: number;
  /** US dollars, rounded up to a cent. */
  readonly dollars: number;
}

/** What a check costs in the account, and how long it takes. An estimate, on the high side. */
export function estimate(suites: readonly SuiteName[], secondApp = false): Estimate {
  const chosen = suites.map(name => SUITES[name]);
  const sum = (of: (suite: (typeof SUITES)[SuiteName]) => number) =>
    chosen.reduce((all, suite) => all + of(suite), 0);
  const more = secondApp ? SECOND : { builds: 0, keys: 0, alarms: 0, minutes: 0 };
  const builds = OWN_BUILDS + more.builds + sum(suite => suite.builds);
  const longest = Math.max(0, ...chosen.map(suite => suite.minutes));
  const minutes =
    OWN_MINUTES + more.minutes + Math.max(longest, Math.ceil(sum(suite => suite.minutes) / SUITES_AT_ONCE));
  const held =
    (minutes / 60 / HOURS_OF_A_MONTH) *
    ((KEYS + more.keys) * PRICES.of.key.usd + (ALARMS + more.alarms) * PRICES.of.alarm.usd);
  const dollars = Math.ceil((builds * BUILD_MINUTES * PRICES.of.buildMinute.usd + held) * 100) / 100;
  return { builds, minutes, dollars };
}

export function estimateText({ builds, minutes, dollars }: Estimate): string {
  return `about ${dollars.toFixed(2)} US dollars and ${minutes} minutes: ${builds} builds of ${BUILD_MINUTES} minutes, and keys and alarms by the hour (list prices of ${PRICES.region} on ${PRICES.asOf}, not measured)`;
}

/** What is not counted is said: nobody should meet it on a bill. */
export function secondAppText(): string {
  return `The second app is ${SECOND.builds} of the builds and ${SECOND.minutes} of the minutes. Its hook of CloudFormation asks about one stack of the check and no other. Its service runs no task. The images in its cache, about 1.5 GB for that time, cost less than a cent.\n`;
}
