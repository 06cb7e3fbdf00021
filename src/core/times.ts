const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `rowRace`: the longest pause of who lost a race for a row that many change. */
export const MILLISECONDS = { hour: 3_600_000, day: 86_400_000, rowRace: 100 } as const;

/** Every wait, time limit, lease and retry, in seconds, each with its reason. Sizes are in limits.ts. */
export const Seconds = {
  // scans
  /** Default of `timeout`: how long one scan may take, from reading the image to the upload. */
  scanTimeout: 15 * MINUTE,
  /** How long CodeBuild keeps a build in its queue. */
  buildQueued: 30 * MINUTE,
  /** A scan lease lasts for both times above and this margin, because CodeBuild's clock may differ. */
  leaseMargin: 5 * MINUTE,
  /** A lease without a build: another dispatch may be about to start it. After this time it has crashed. */
  leaseResumeAfter: 60,
  /**
   * Until then the same scan may be started again. CodeBuild remembers an idempotency token for five minutes:
   * after that a second start would be a second build, so the lease has to end first.
   */
  leaseResumeUntil: 280,
  /** The longest wait of a message whose image is busy, before it is handled again. */
  longestDeferral: 15 * MINUTE,
  /** An untagged push may belong to an index that is still on its way (rule 4.8, indexes). */
  untaggedPushWait: 2 * MINUTE,
  /**
   * All scans that may be under way are: least and most time until the next try, at random. It grows with the
   * age of the request: `waitAgain`.
   */
  slotRetry: [5, 20],
  /** The same where a service is busy (rule 4.7, backpressure and dead letters). */
  backpressure: [MINUTE, 2 * MINUTE],
  /** By so much another clock may be ahead of ours. */
  clockSkew: MINUTE,
  /** By then the build has started and the slot is kept for it, or the dispatcher has crashed. */
  slotForDispatch: 5 * MINUTE,
  /** A request whose turn it is was sent again. If it does not come, the next one has its turn. */
  turn: MINUTE,
  /** A build that was in CodeBuild's own queue for longer than this was started too early. */
  buildStarts: MINUTE,
  /** CodeBuild refused a build, or kept it waiting: after each such time, one more is tried. */
  capacityGrows: 10 * MINUTE,
  /** A request of a push or a deployment that is older than this raises an alarm. */
  requestIsLate: HOUR,
  /** The same for renewals and old images. A renewal is requested two days before the verdict expires. */
  backgroundIsLate: DAY,
  /** Events do not contain the tags of a repository. They are read, and remembered for this long. */
  repositoryTagsRemembered: 5 * MINUTE,
  /**
   * After this a message asks for the build's result, in case CodeBuild's event is lost. SQS delays no
   * longer.
   */
  buildFollowUp: 15 * MINUTE,
  /** A build that is still under way when its message is read is looked at again. */
  buildPoll: 2 * MINUTE,
  /** Dispatch writes the build's id into the scan lease right after StartBuild. Until then: look again. */
  buildConfirmed: 30,
  buildConfirmedPoll: 5,
  /** Retries of a failed scan whose cause is transient: this long after each failure, then no more. */
  scanRetries: [2 * MINUTE, 10 * MINUTE, 15 * MINUTE],
  /** Between SIGTERM, which a step may handle, and SIGKILL. */
  stepKillAfter: 10,
  /** A registry answers 429 to the download of a database: up to twice as long, doubled with each try. */
  databasePause: 2,
  /** In a build: Trivy prints its own version and that of its database. */
  stepVersion: 14,
  stepVersionKillAfter: 2,
  /** CodeBuild's time limit also counts making the container ready and uploading the files. */
  buildAround: 30,
  /**
   * How old a database in a pull-through cache can be: ECR looks for a newer one once in 24 hours, and one is
   * built every six hours.
   */
  databaseInCache: 30 * HOUR,
  /** A deployment waits this long for a probe of the scanner, with its tries. Lambda allows 15 minutes. */
  probe: 13 * MINUTE,
  /** Time kept back to answer CloudFormation. */
  answerReserve: 30,
  /** Between two looks at the build of a probe. */
  probePoll: 5,
  /** After a build that failed, or that CodeBuild did not take: a new role's rights may not be known yet. */
  probePause: 20,
  /** Clocks differ. A database dated further in the future proves nothing. */
  databaseClockSkew: HOUR,

  // verdicts
  /**
   * Default of `maxAge`: how long a verdict holds after its scan. Two daily renewals may fail before that.
   */
  verdictMaxAge: 72 * HOUR,
  /** A PASS is renewed this long after its scan; sooner if it holds for less than three days. */
  renewAfter: DAY,
  /** The pause after a failed renewal: a transient cause may pass by itself, others do not. */
  renewalRestTransient: HOUR,
  renewalRestLasting: DAY,
  /** An event that is still in the outbox after this is published again (rule 4.3, outbox). */
  outboxAgain: 5 * MINUTE,
  /** After a lost race for a row, the message is handled again (rule 4.2, optimistic locking). */
  rowConflict: 3,
  /** Compiling Rego takes milliseconds; it is stopped here. The time for one image is part of the policy. */
  regoCompile: 30,
  /** Reading a Dockerfile takes a fraction of a second; a file that takes longer is not read. */
  dockerfile: 30,

  // the brake on revocations
  /** Trusted images that fail within this time are counted together. */
  brakeCounts: HOUR,
  /** The longest time for which a revocation is held: renewals find a broken database within a day. */
  brakeHolds: DAY,
  /** After a release nothing is held for so long: who tightened a policy decided for all renewals. */
  brakeReleased: DAY,
  /** How long the images of a repository count as trusted without a new count of reconcile. */
  passedCounts: DAY,

  // reconciliation
  /** How long a lost message can go unnoticed. */
  reconcileEvery: HOUR,
  /** The event of a younger push or verdict may still be on its way. */
  eventSettled: 10 * MINUTE,
  /** No event takes longer: the repository was not enrolled yet when an older image was pushed. */
  pushIsOld: DAY,
  /** Longer than any verdict holds: what was due before has expired, and gates refuse it. */
  dueLookBack: 31 * DAY,

  // policies and waivers
  /** Rego and waiver files in a bucket are also read on a schedule, in case an event is lost. */
  filesReadEvery: 15 * MINUTE,
  /** Default of `maxWaiverLife`. */
  waiverMaxLife: 90 * DAY,

  // signing
  /** Clocks differ by minutes. A statement dated further in the future is refused. */
  statementClockSkew: 5 * MINUTE,
  /**
   * How long a summary in the registry holds, if nothing ends before. Each one is two PutImage calls and a
   * row of the register, so it is not written every day, as the statement is.
   */
  summary: 14 * DAY,
  /** A renewal of the verdict replaces a summary that holds for less than this. */
  summaryRenewal: 7 * DAY,

  // gates
  /** CloudFormation waits one hour for a custom resource. */
  deploymentService: HOUR,
  /** Time kept back to send the answer, with its retries. */
  deploymentAnswer: 5 * MINUTE,
  /** A gate that only audits does not hold up a deployment for an hour. */
  deploymentAudit: 15 * MINUTE,
  deploymentLookEvery: 5,
  /** The first pause before CloudFormation is asked again about a resource; each further one is longer. */
  stackResource: 2,
  /** A message to the team holds up the answer to CloudFormation for no longer. */
  deploymentTells: 20,
  /** IAM may deny a new function for some minutes. */
  deploymentLookup: 5 * MINUTE,
  /** The verdict of an index is one message after the last verdict of its images. */
  deploymentFold: MINUTE,
  /**
   * A scan that was under way when the deployment asked began no earlier than this, and covers the request.
   */
  deploymentUnderWay: 30 * MINUTE,
  /**
   * If the trust in an image ends sooner than this, a scan is requested: it may expire before the next
   * look.
   */
  trustEndsSoon: 10 * MINUTE,
  /** CloudFormation takes no answer after an hour, so a message need not be kept longer than this. */
  deploymentRetention: 2 * HOUR,
  /**
   * A gate that a service waits for decides within this time, or refuses. CloudFormation waits 30 seconds for
   * the answer of a hook.
   */
  gateDecides: 15,
  /**
   * What the trust does not answer by then is a failed lookup: the gate still reads break-glass grants, and
   * records their use, before its own time is over.
   */
  trustAnswers: 5,
  /** A large request of a hook is fetched from Amazon S3: what remains is for the question itself. */
  hookPayload: 8,
  /** Whether a stack is rolling back is asked for so long. */
  gateAsksStack: 3,
  /** A message to the team holds up an answer for no longer. */
  gateTells: 3,
  /** The time limit of its function: it also starts, and sends an alert. */
  gateFunction: 25,
  /** What may be over soon is looked at again after this. */
  gateLooksAgain: 30,
  /** How long it may take to read who imports a trust. */
  keepImported: MINUTE,
  /** The status of the stack, and then the importers: so long for each. The answer needs the rest. */
  keepImportedAsks: 10,
  /** Until then the answer is there, also of a function that was busy and is tried again. */
  keepImportedService: 5 * MINUTE,
  /** The time limit of one try to answer CloudFormation. */
  answerLimit: 10,
  /** The pause after the first try; each further pause is four times as long. */
  answerPause: 0.5,

  // break-glass
  /** The longest life of a grant for one image. */
  breakGlass: DAY,
  /** The longest life of a grant for every image. */
  emergencyOff: 4 * HOUR,
  /** Between two looks at a grant that is active: each counts it, and the alarm stays. */
  grantLook: 4 * MINUTE,
  /** The message about a grant is sent before the grant is written: by then it is, or it never was. */
  grantWritten: MINUTE,
  grantWrittenPoll: 5,

  // what runs
  /** A lookup that fails is tried again this often, and until then: after that, it is an alert. */
  runLookAgain: MINUTE,
  runLookup: 10 * MINUTE,
  /** Listing all that runs: what is not listed by then is reported as not looked up. */
  inventory: 4 * MINUTE,

  // archive
  /** Default of `gracePeriod`: how long an image is refused before it is archived. */
  archiveGrace: 7 * DAY,
  /** So long before its function would be ended, the daily run leaves the rest to the next one. */
  archiveEnds: 2 * MINUTE,
  /** Listing all that runs or can be started. ECS describes some 20 task definitions a second. */
  archiveInventory: 8 * MINUTE,

  // alerts
  /** The verdict of an index follows that of its images by a message: its alert may say the same. */
  alertFold: 2 * MINUTE,
  alertLookAgain: 5 * MINUTE,
  /** By then the retries of the other images are over, or their builds take longer than an alert may wait. */
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
  reportToSecurityHub: MINUTE,
  awaitTrust: MINUTE,
  watchRuns: MINUTE,
  grantBreakGlass: 30,
  releaseBrake: 30,
  watchGrants: MINUTE,
  followRevocation: 5 * MINUTE,
  withdrawSignatures: 5 * MINUTE,
  /** Of these, for deletions, alert and event: a flood of referrers is read until then. */
  withdrawReserve: 2 * MINUTE,
  archiveImages: 15 * MINUTE,
  probeScanner: 15 * MINUTE,

  // queues
  /** SQS hides a message for so much longer than its function may run. */
  queueMargin: 30,
  /** A dead letter that somebody looks at is hidden from others for so long. */
  deadLetterHeld: 2 * MINUTE,
  /** SQS hides a message for at most 12 hours from its receipt. A longer wait is split. */
  longestHidden: 11 * HOUR,
  /** After an exception: three times as long after each more, up to `longestDelay`. */
  exceptionRetry: 10,
  /** DynamoDB took a batch of findings in part: twice as long after each more try. */
  findingsRetry: 0.025,
  /** The longest delay that SQS accepts for a new message. */
  longestDelay: 15 * MINUTE,
  /** A throttled call is not a failure: the message comes back (rule 4.7, backpressure and dead letters). */
  throttled: 90,
  /** How long messages are kept, and dead letters. */
  messageRetention: 14 * DAY,

  // evidence
  /** Another write of the same key is in progress: up to twice as long, and twice as long after each try. */
  writeOncePause: 0.2,
  /**
   * Files of builds: the evaluator keeps what it needs elsewhere. S3 counts from the upload and deletes at
   * the next midnight UTC, so within two days.
   */
  incomingKept: DAY,

  // command line
  /** A database is older than the standard policy allows. */
  databaseIsOld: 48 * HOUR,
  /** How long one check of `doctor` may take. */
  doctorCheck: 50,
  /** How far back `doctor` looks for deferrals: each request has one in 15 minutes. */
  doctorDeferred: 30 * MINUTE,
  registryAnswer: 30,
  ecrBlob: 20,
  /** A credential helper of Docker answers for a login. */
  credentialHelper: 30,
  /** A registry that sends nothing for this long counts as unavailable. */
  registrySilence: MINUTE,
  trivyVersion: MINUTE,
  trivyConfig: 2 * MINUTE,
  render: 2 * MINUTE,
  dockerSave: 30 * MINUTE,
  /** The wait between two looks at a scan that was requested. */
  followScanEvery: 2,
  awsConnect: 5,
  awsAnswer: 30,
} as const;

/** How often something is tried before it is an error. */
export const Tries = {
  /** Builds of a probe that fail otherwise than by a difference. */
  probe: 3,
  /** Writes of one evidence key at the same moment: S3 answers 409 until one of them has ended. */
  writeOnce: 5,
  /** Lost races to activate a document: the loser reads it again. */
  activate: 5,
  /** Lost races for the row, as long as its verdict is the one to sign. */
  sign: 5,
  /** Lost races for the row, as long as its scan lease is the same. */
  lease: 3,
  /** Lost races for a row that many change: every start and every end of a scan changes the slots. */
  row: 20,
  /** An answer to CloudFormation. */
  answer: 3,
  /** Looks for a resource that asks: CloudFormation may show it late. */
  stackResource: 4,
  /** A call for it, with growing pauses: hundreds of resources may ask at once. */
  stackResourceCall: 9,
  /** Looks of a hook: CloudFormation invokes it at most three times. */
  hookLooks: 3,
  /** Looks of the gates of Amazon ECS and CodePipeline: they take five minutes. */
  gateLooks: 10,
  /** After this many exceptions in a row a message is poison. Deferrals do not count. */
  poisonAfter: 5,
  /**
   * Receipts of a message, then SQS moves it to the dead-letter queue. Functions move poison themselves, so
   * this only ends crash loops. A wait counts too, and so does each time that Lambda has no room.
   */
  receipts: 100,
  /**
   * A message that waits, and was received this often, goes back as a new one, which is counted from the
   * start: a wait never ends in the dead-letter queue (rule 4.7, backpressure and dead letters).
   */
  freshAfter: 50,
  findings: 8,
  recordFindings: 5,
  aws: 4,
  /** A call that lists what runs: a large account is throttled. */
  inventory: 8,
} as const;

/** How many of something run at once. */
export const AtOnce = {
  /** Rows of reconcile: a repository may hold 100,000 images. */
  reconcile: 25,
  messages: 10,
  /** Deployments that one copy of `await-trust` looks at, and its copies: 600 images may wait at once. */
  deployments: 10,
  awaitTrust: 10,
  gateImages: 10,
  findings: 8,
  registry: 3,
  queries: 8,
  /** The partitions of one vulnerability in the findings table. */
  shards: 16,
  /** Parts of a table that is read whole. */
  segments: 8,
} as const;

/** Shares of a whole. */
export const Shares = {
  /** Of the trusted images, revoked within an hour: more is an alarm. */
  massRevocation: 1 / 5,
  /**
   * A request waits again for at least and at most this share of the time that it has waited: where many
   * wait, few come back at once.
   */
  waitAgain: [1 / 8, 1 / 4],
  /** Of the scans that may run at once, rounded up: only pushes and the app's own deployments get these. */
  reserved: 1 / 4,
} as const;

/** How much of something happens in a given time. */
export const Rates = {
  /** More renewals wait for the next run. */
  renewalsPerRun: 1000,
  /**
   * Reconcile finds each hour what still waits, and requests it again. While this many background requests
   * wait, it requests no more old images, and no more renewals. SQS hides at most 120,000 messages of a
   * queue.
   */
  oldImagesWaiting: 1000,
  renewalsWaiting: 10_000,
  /** More refused images are archived by the next daily run. */
  archivedPerRun: 500,
  /** ECR takes 10 PutImage a second for an account. Two copies of the signer leave most of them to others. */
  putImagePerSecond: 1.5,
} as const;
