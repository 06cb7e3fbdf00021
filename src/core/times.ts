const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const MILLISECONDS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * Every wait, time limit, lease, retry and grace, in seconds, each with its reason. Sizes are in limits.ts.
 */
export const Seconds = {
  // scans
  /** Default of `timeout`: how long one scan may take, from the read of the image to the upload. */
  scanTimeout: 15 * MINUTE,
  /** How long CodeBuild keeps a build in its queue. */
  buildQueued: 30 * MINUTE,
  /** The scan lease is that long, and both of the times above: CodeBuild's own clock may differ. */
  leaseMargin: 5 * MINUTE,
  /**
   * A scan lease without a build may be between two calls of a sibling: after this it is taken for a crash.
   */
  leaseResumeAfter: 60,
  /** CodeBuild keeps an idempotency token for five minutes; after that the lease has to end first. */
  leaseResumeUntil: 280,
  /** How long a message about an image that is busy waits before it is looked at again. */
  longestDeferral: 15 * MINUTE,
  /** An untagged push may be the child of an index that is still on its way (rule 4.8, indexes). */
  untaggedPushWait: 2 * MINUTE,
  /** Tags of a repository are not in events, so they are asked for, and remembered for so long. */
  repositoryTagsRemembered: 5 * MINUTE,
  /** The follow-up message of a build, where no event says that it ended. */
  buildFollowUp: 15 * MINUTE,
  /** A build that is under way when its message is read is looked at again. */
  buildPoll: 2 * MINUTE,
  /** Dispatch writes the build's id into the scan lease right after StartBuild. */
  buildConfirmed: 30,
  /** Retries of a failed scan whose cause is transient: so long after each failure, then no more. */
  scanRetries: [2 * MINUTE, 10 * MINUTE, 15 * MINUTE],
  /** In a build: between the signal that a step may answer, and the one that it cannot. */
  stepKillAfter: 10,
  /** In a build: Trivy reads its own version and that of its database. */
  stepVersion: 15,
  stepVersionKillAfter: 2,
  /** CodeBuild counts from when it makes the container ready, until the files are uploaded. */
  buildAround: 30,
  /** A database that is dated further in the future than clocks may differ proves nothing. */
  databaseClockSkew: HOUR,

  // verdicts
  /**
   * Default of `maxAge`: how long a verdict holds after its scan. Two daily renewals may fail before that.
   */
  verdictMaxAge: 72 * HOUR,
  /** Renewal of a PASS after its scan; sooner where it holds for less than three days, for a second try. */
  renewAfter: DAY,
  /** How long a failed renewal rests, if its cause is transient. */
  renewalRestTransient: HOUR,
  /** What is not transient does not pass by itself. */
  renewalRestLasting: DAY,
  /** An event that is still missing after this long is published again (rule 4.3, outbox). */
  outboxAgain: 5 * MINUTE,
  /** A lost race for a row is tried again after so long (rule 4.2, optimistic locking). */
  rowConflict: 3,
  /**
   * Rego: an image's own time is a limit of the policy; compiling takes milliseconds, and is stopped here.
   */
  regoCompile: 30,

  // reconciliation
  reconcileEvery: HOUR,
  /** An event that is younger than this may still be on its way. */
  eventSettled: 10 * MINUTE,
  /** Events do not take longer: nobody listened when an older image was pushed. */
  pushIsOld: DAY,
  /** Longer than any verdict holds: what was due before that has expired, and is refused. */
  dueDaysBack: 31 * DAY,

  // policies and waivers
  /** Files of Rego and waivers in a bucket are read by the clock too, in case an event is lost. */
  filesReadEvery: 15 * MINUTE,
  /** Default of `maxWaiverLife`. */
  waiverMaxLife: 90 * DAY,

  // signing
  /** Clocks differ by minutes, not by more. */
  statementClockSkew: 5 * MINUTE,

  // gates
  /** CloudFormation waits for a custom resource for one hour. */
  deploymentService: HOUR,
  /** Time that is left to say why, and to try again to say so. */
  deploymentAnswer: 5 * MINUTE,
  /** A gate that only watches keeps nobody waiting for an hour. */
  deploymentAudit: 15 * MINUTE,
  deploymentLookEvery: 5,
  /** What a new function may not do yet, IAM lets it do within minutes. */
  deploymentLookup: 5 * MINUTE,
  /** Between the last verdict of its images and that of an index lies a message. */
  deploymentFold: MINUTE,
  /** A scan that was under way when the deployment asked began no earlier: it covers the request. */
  deploymentUnderWay: 30 * MINUTE,
  /**
   * An image that is trusted for less than this may not be any more at the next look: a scan is requested.
   */
  trustEndsSoon: 10 * MINUTE,
  /** CloudFormation answers no one after an hour, so no message needs to be kept for long. */
  deploymentRetention: 2 * HOUR,
  answerLimit: 10,
  answerPause: 0.5,

  // alerts
  /** The verdict of an index is a message away. */
  alertFold: 2 * MINUTE,
  alertLookAgain: 5 * MINUTE,
  /** By then the retries of the other images are over, or a build waits for longer than a refusal may. */
  alertPatience: HOUR,
  /** An alert that was sent is remembered, so that it is not sent twice. */
  alertRemembered: 30 * DAY,

  // functions: the time limit of each
  dispatchScan: 2 * MINUTE,
  evaluateImage: 5 * MINUTE,
  reconcile: 15 * MINUTE,
  publishPolicy: 2 * MINUTE,
  publishWaivers: 5 * MINUTE,
  signImage: 2 * MINUTE,
  recordFindings: 5 * MINUTE,
  notify: MINUTE,
  awaitTrust: MINUTE,

  // queues
  /** SQS hides a message for 12 hours at most, from its receipt on; who waits longer asks again then. */
  longestHidden: 11 * HOUR,
  /** The longest delay that SQS takes for a new message. */
  longestDelay: 15 * MINUTE,
  /** A throttled call is no failure: the message comes back (rule 4.7, backpressure and dead letters). */
  throttled: 90,
  /** How long messages are kept, and dead letters. */
  messageRetention: 14 * DAY,

  // evidence
  /** Files that builds left and that the evaluator has copied. */
  incomingKept: DAY,

  // command line
  registryAnswer: 30,
  ecrBlob: 20,
  /** A registry that sends nothing for so long is taken for dead. */
  registrySilence: MINUTE,
  trivyVersion: MINUTE,
  trivyConfig: 2 * MINUTE,
  dockerSave: 30 * MINUTE,
  /** Between two looks at a scan that was requested. */
  followScanEvery: 2,
  awsConnect: 5,
  awsAnswer: 30,
} as const;

/** How often something is tried before it is an error. */
export const Tries = {
  /** Two that activate a document at once: who loses reads again. */
  activate: 5,
  /** A lost race for the row is tried again as long as the verdict is the same. */
  sign: 5,
  /**
   * An answer to CloudFormation: tries, the limit of each, the pause after the first, four times as long
   * after each more.
   */
  answer: 3,
  /** After so many exceptions in a row a message is poison. Deferrals are not counted. */
  poisonAfter: 5,
  /** The slots of a repository's scans: a lost race is tried again. */
  slot: 5,
  findings: 8,
  recordFindings: 5,
  aws: 4,
} as const;

/** How many of something run at once. */
export const AtOnce = {
  /** Rows that are read at once: a repository may hold 100,000 images. */
  reconcile: 25,
  messages: 10,
  findings: 8,
  registry: 3,
  queries: 8,
  /** The partitions of one vulnerability in the findings table. */
  shards: 16,
} as const;

/** How much of something there is in a given time. */
export const Rates = {
  /** More than a day's scans fit into: what is left over is due again in an hour, after new pushes. */
  renewalsPerRun: 1000,
  /** ECR takes 10 PutImage a second for an account; two copies of the signer share what is left to others. */
  putImagePerSecond: 1.5,
} as const;
