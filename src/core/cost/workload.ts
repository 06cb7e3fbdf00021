import { plus, times, type Usage } from './usage';
import { MILLISECONDS, Seconds } from '../times';

const DAY = MILLISECONDS.day / 1000;
/** Days of a month, as a bill has it on average. */
export const MONTH = 30;

/** What of a deployment costs something while nothing happens. Counted in its template. */
export interface Deployed {
  readonly keys: number;
  /** Metrics of alarms: an alarm on an expression is billed for each metric in it. */
  readonly alarms: number;
  readonly metrics: number;
  /** Connections by which Lambda asks idle queues. */
  readonly pollers: number;
  /** Runs of functions by a schedule, a day. */
  readonly scheduledRuns: number;
}

/**
 * What one scan of one platform's image calls, from the request to the trust. `npm run cost:measure`
 * counted it in the embedded cloud, for an image with a package that has findings. The builds' own uploads
 * are in it.
 */
export const CALLS = {
  firstScan: {
    StartBuild: 1,
    PutItem: 8,
    GetItem: 12,
    PutEvents: 2,
    Sign: 3,
    PUT: 13,
    GET: 14,
    SendMessage: 1,
  },
  renewal: {
    StartBuild: 1,
    PutItem: 8,
    GetItem: 12,
    PutEvents: 2,
    Sign: 1,
    PUT: 13,
    GET: 16,
    SendMessage: 1,
  },
} as const;

/** What was never measured on AWS. Whoever has a bill replaces these first. */
export const ASSUMED = {
  /** Of a build on general1.small, from its start to the upload; a minute that was begun is billed. */
  buildMinutes: 2,
  findings: 150,
  /** Of the findings of an image, those that a renewal adds, changes or closes. */
  findingsChangedByRenewal: 0.02,
  /** Kept of a scan: report, SBOM, SARIF and verdict, compressed, and the page, which is not. */
  evidenceKb: 350,
  /** Written by the build and all functions for one scan. */
  logKb: 30,
  /** A row of the register, with its statement. */
  rowKb: 4,
  /** GB-seconds of all functions for one scan, mostly reading and writing a report with 3 GB of memory. */
  gbSeconds: 20,
  /** GB-seconds of a scheduled run. */
  gbSecondsOfRun: 1,
  /** A connection by which Lambda asks an idle queue waits for 20 seconds. */
  pollsOfPoller: DAY / 20,
} as const;

/**
 * Messages of one scan: the request, the end of the build, its follow-up, and the verdict for signer,
 * recorder and, if it changed, notifier. Each is sent, received and deleted, and invokes a function once.
 */
const MESSAGES = { firstScan: 6, renewal: 5 } as const;
/** The register has two indexes that hold whole rows, the findings table has one. */
const [ROW_COPIES, FINDING_COPIES] = [3, 2];
const KB_PER_GB = 1_000_000;

/** The metrics of an alarm, by its properties in a template. */
export function billedMetrics({ Metrics }: { readonly Metrics?: unknown }): number {
  return Metrics === undefined ? 1 : (Metrics as object[]).filter(query => 'MetricStat' in query).length;
}

/**
 * The connections of an event source while its queue is idle, by its properties in a template: five, and as
 * few as two where no maximum concurrency is set.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export function pollersOf({ ScalingConfig }: { readonly ScalingConfig?: unknown }): number {
  return ScalingConfig === undefined ? 2 : 5;
}

/**
 * A day in which nothing is pushed and no image is known. No metric has data then: reconcile counts no load
 * where there is none.
 */
export function idleDay({ keys, alarms, pollers, scheduledRuns }: Omit<Deployed, 'metrics'>): Usage {
  return {
    key: keys / MONTH,
    alarm: alarms / MONTH,
    queueRequest: pollers * ASSUMED.pollsOfPoller,
    invocation: scheduledRuns,
    gbSecond: scheduledRuns * ASSUMED.gbSecondsOfRun,
  };
}

/** The first scan of one platform's image. */
export function firstScan(): Usage {
  return scan('firstScan', ASSUMED.findings);
}

/** A scan of an image that passed before. */
export function renewal(): Usage {
  return scan('renewal', ASSUMED.findings * ASSUMED.findingsChangedByRenewal);
}

/** A day of an image that passes: it is renewed, and reconcile reads its row with each run. */
export function trustedDay(): Usage {
  return plus(times(renewal(), DAY / Seconds.renewAfter), { read: DAY / Seconds.reconcileEvery });
}

/**
 * A month with so many images that pass. By default each is replaced by a new one once in the month: as many
 * first scans as images. Every metric that is published has data in every hour.
 */
export function month(images: number, deployed: Deployed, firstScans = images): Usage {
  return plus(
    times(idleDay(deployed), MONTH),
    { metric: deployed.metrics },
    times(trustedDay(), MONTH * images),
    times(firstScan(), firstScans),
  );
}

/** The same with the builds on Arm, if they take as long. */
export function onArm({ buildMinute = 0, ...usage }: Usage): Usage {
  return { ...usage, armBuildMinute: buildMinute };
}

/** Builds that have to run at once so that as many are done each day. */
export function buildsAtOnce(images: number): number {
  return ((images * (DAY / Seconds.renewAfter) + images / MONTH) * ASSUMED.buildMinutes * 60) / DAY;
}

function scan(kind: keyof typeof CALLS, findings: number): Usage {
  const calls = CALLS[kind];
  return {
    buildMinute: calls.StartBuild * ASSUMED.buildMinutes,
    signature: calls.Sign,
    logGb: ASSUMED.logKb / KB_PER_GB,
    queueRequest: MESSAGES[kind] * 3 + calls.SendMessage,
    invocation: MESSAGES[kind],
    gbSecond: ASSUMED.gbSeconds,
    write: calls.PutItem * ASSUMED.rowKb * ROW_COPIES + findings * FINDING_COPIES,
    // a strong read of a row, and the findings of before, 1 KB each, at half the price
    read: calls.GetItem + ASSUMED.findings / 8,
    put: calls.PUT,
    get: calls.GET,
    storedGb: ASSUMED.evidenceKb / KB_PER_GB,
    event: calls.PutEvents,
  };
}
