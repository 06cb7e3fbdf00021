/** The days of one runtime, as `YYYY-MM-DD`. */
interface RuntimeDays {
  /** Lambda stops to patch it, and its support ends. */
  readonly deprecated: string;
  /** From this day nothing with such a function can be updated, so no stack with it can be repaired. */
  readonly updatesBlocked: string;
}

/**
 * The release of Node that everything is made for: the functions, their bundles and the package's `engines`.
 * The generated functions take it from here. After a change run `npx projen`, and name it in docs/start.md.
 */
export const NODE_MAJOR = 24;

export const FUNCTION_RUNTIME = `nodejs${NODE_MAJOR}.x`;

/**
 * By the table "Supported runtimes" of https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, as
 * https://endoflife.date/aws-lambda repeats it; read on 2026-11-30. The oldest one is what earlier versions of
 * this library deployed.
 */
export const RUNTIME_DAYS: Readonly<Record<string, RuntimeDays>> = {
  'nodejs22.x': { deprecated: '2027-04-30', updatesBlocked: '2027-07-01' },
  'nodejs24.x': { deprecated: '2028-04-30', updatesBlocked: '2028-07-01' },
};

/** So many days before, another runtime has to be named: a release takes its time to reach its users. */
export const RUNTIME_NOTICE_DAYS = 180;

const DAY = 86_400_000;

/** Days until Lambda deprecates the runtime; undefined if this version does not know it. */
export function daysUntilDeprecated(runtime: string, now: Date): number | undefined {
  const days = RUNTIME_DAYS[runtime];
  return days && Math.floor((Date.parse(days.deprecated) - now.getTime()) / DAY);
}
