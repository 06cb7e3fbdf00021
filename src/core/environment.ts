/** Names of the environment variables that the template sets and the handlers read. */
export const EnvironmentName = {
  register: 'REGISTER_TABLE',
  policies: 'POLICIES_TABLE',
  findings: 'FINDINGS_TABLE',
  evidence: 'EVIDENCE_BUCKET',
  /** What builds upload. */
  uploads: 'UPLOADS_BUCKET',
  eventBus: 'EVENT_BUS',
  scanRequests: 'SCAN_REQUESTS_QUEUE_URL',
  scanRequestsPoison: 'SCAN_REQUESTS_DLQ_URL',
  /** Requests for which nobody waits. Their dead letters are those of the others. */
  backgroundRequests: 'BACKGROUND_REQUESTS_QUEUE_URL',
  /** What gates of other apps ask. Absent if none may. */
  importerRequests: 'IMPORTER_REQUESTS_QUEUE_URL',
  importerRequestsPoison: 'IMPORTER_REQUESTS_DLQ_URL',
  scanResults: 'SCAN_RESULTS_QUEUE_URL',
  scanResultsPoison: 'SCAN_RESULTS_DLQ_URL',
  scanProject: 'SCAN_PROJECT',
  urlSuffix: 'URL_SUFFIX',
  leaseSeconds: 'LEASE_SECONDS',
  concurrency: 'CONCURRENCY',
  concurrencyPerRepository: 'CONCURRENCY_PER_REPOSITORY',
  expectedBuild: 'EXPECTED_BUILD',
  probeRepository: 'PROBE_REPOSITORY',
  buildRevision: 'BUILD_REVISION',
  repositories: 'REPOSITORIES',
  /** The repositories of base images. Absent if there are none. */
  baseRepositories: 'BASE_REPOSITORIES',
  cachedTags: 'CACHED_TAGS',
  signingKey: 'SIGNING_KEY_ARN',
  signOptions: 'SIGN_OPTIONS',
  putImagePerSecond: 'PUT_IMAGE_PER_SECOND',
  signRequests: 'SIGN_REQUESTS_QUEUE_URL',
  /** Without it, each resource that asks names the keys. */
  pinnedKeys: 'PINNED_KEYS',
  /** What a trust of another app is published with. */
  trustSchemaVersion: 'TRUST_SCHEMA_VERSION',
  /** The stack whose outputs a gate reads at each deployment, of a trust of another app. */
  trustOutputs: 'TRUST_OUTPUTS_OF',
  /** The trust whose parameters a gate reads at each deployment. */
  trustParameters: 'TRUST_PARAMETERS_OF',
  /** The id of the stack of a gate. */
  gateStack: 'GATE_STACK',
  /** `REFUSE` or `AUDIT`. */
  enforcement: 'ENFORCEMENT',
  /** Digests of external images that may run. */
  allowedDigests: 'ALLOWED_DIGESTS',
  /** `<account>.<region>` of a trust of another app. */
  trustOwner: 'TRUST_OWNER',
  waitSeconds: 'WAIT_SECONDS',
  /** The table of break-glass grants. Absent from a gate whose trust has none. */
  grants: 'GRANTS_TABLE',
  /** The queue of messages about grants: each use goes there. */
  grantMessages: 'GRANT_MESSAGES_QUEUE_URL',
  /** The name of the stack of the trust, for people. Absent where it is not known. */
  trustStack: 'TRUST_STACK',
  /** The accounts that a grant may name. */
  grantAccounts: 'GRANT_ACCOUNTS',
  /** The share of the trusted images, in percent, above which the brake holds. Absent: there is none. */
  revocationBrake: 'REVOCATION_BRAKE_PERCENT',
  deployments: 'DEPLOYMENTS_QUEUE_URL',
  /** The metrics that are published, with `,` between them. Absent: all. */
  metrics: 'METRICS',
  /** The queue that a function consumes, if it has only one. */
  queue: 'QUEUE_URL',
  deadLetterQueue: 'DLQ_URL',
  alertsSent: 'ALERTS_SENT_TABLE',
  /** The topics of alerts, and the format of each. */
  alertTopics: 'ALERT_TOPICS',
  /** How long an image is refused before it is archived. */
  archiveGraceSeconds: 'ARCHIVE_GRACE_SECONDS',
  /** `KEEP` or `ARCHIVE`. */
  imagesInUse: 'IMAGES_IN_USE',
  waiversBucket: 'WAIVERS_BUCKET',
  waiversKey: 'WAIVERS_KEY',
  waiverLifeDays: 'WAIVER_LIFE_DAYS',
} as const;

/** The namespace of the metrics of all functions. */
export const METRIC_NAMESPACE = 'TrustedImages';

export const MetricName = {
  scansStarted: 'ScansStarted',
  scansDeferred: 'ScansDeferred',
  oldestRequest: 'OldestRequest',
  oldestBackgroundRequest: 'OldestBackgroundRequest',
  scansLate: 'ScansLate',
  verdictPass: 'VerdictPass',
  verdictFail: 'VerdictFail',
  scanFailed: 'ScanFailed',
  provenanceFailure: 'ProvenanceFailure',
  poison: 'PoisonMessages',
  secondsSincePush: 'PushToVerdict',
  imagesPassed: 'ImagesPassed',
  imagesRefused: 'ImagesRefused',
  imagesUnjudged: 'ImagesUnjudged',
  findingsCritical: 'FindingsCritical',
  findingsHigh: 'FindingsHigh',
  imagesSigned: 'ImagesSigned',
  reconciled: 'ImagesReconciled',
  scanLoad: 'ScanLoad',
  deploymentsRefused: 'DeploymentsRefused',
  refusalsIgnored: 'RefusalsIgnored',
  grantsLiving: 'BreakGlassGrantsLiving',
  alertsSent: 'AlertsSent',
  policyRejected: 'PolicyRejected',
  waiversRejected: 'WaiversRejected',
  runsWithoutTrust: 'RunsWithoutTrust',
  imagesRevoked: 'ImagesRevoked',
  signaturesWithdrawn: 'SignaturesWithdrawn',
  revocationsHeld: 'RevocationsHeld',
  imagesArchived: 'ImagesArchived',
  imagesRestored: 'ImagesRestored',
} as const;
