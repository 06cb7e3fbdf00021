/** Names of the environment variables that the template sets and the handlers read. */
export const EnvironmentName = {
  register: 'REGISTER_TABLE',
  policies: 'POLICIES_TABLE',
  findings: 'FINDINGS_TABLE',
  evidence: 'EVIDENCE_BUCKET',
  eventBus: 'EVENT_BUS',
  scanRequests: 'SCAN_REQUESTS_QUEUE_URL',
  scanRequestsPoison: 'SCAN_REQUESTS_DLQ_URL',
  scanResults: 'SCAN_RESULTS_QUEUE_URL',
  scanResultsPoison: 'SCAN_RESULTS_DLQ_URL',
  scanProject: 'SCAN_PROJECT',
  urlSuffix: 'URL_SUFFIX',
  leaseSeconds: 'LEASE_SECONDS',
  inFlightPerRepository: 'IN_FLIGHT_PER_REPOSITORY',
  expectedBuild: 'EXPECTED_BUILD',
  buildRevision: 'BUILD_REVISION',
  repositories: 'REPOSITORIES',
  signingKey: 'SIGNING_KEY_ARN',
  signOptions: 'SIGN_OPTIONS',
  putImagePerSecond: 'PUT_IMAGE_PER_SECOND',
  signRequests: 'SIGN_REQUESTS_QUEUE_URL',
  pinnedKeys: 'PINNED_KEYS',
  waitSeconds: 'WAIT_SECONDS',
  /** The queue that a function consumes, where it has but one. */
  queue: 'QUEUE_URL',
  deadLetterQueue: 'DLQ_URL',
  alertsSent: 'ALERTS_SENT_TABLE',
  topic: 'ALERTS_TOPIC_ARN',
  alertFormat: 'ALERT_FORMAT',
  waiversBucket: 'WAIVERS_BUCKET',
  waiversKey: 'WAIVERS_KEY',
  waiverLifeDays: 'WAIVER_LIFE_DAYS',
} as const;

/** One namespace for every metric, whichever function counts it. */
export const METRIC_NAMESPACE = 'TrustedImages';

export const MetricName = {
  scansStarted: 'ScansStarted',
  scansDeferred: 'ScansDeferred',
  verdictPass: 'VerdictPass',
  verdictFail: 'VerdictFail',
  scanFailed: 'ScanFailed',
  provenanceFailure: 'ProvenanceFailure',
  poison: 'PoisonMessages',
  imagesSigned: 'ImagesSigned',
  reconciled: 'ImagesReconciled',
  deploymentsRefused: 'DeploymentsRefused',
  refusalsIgnored: 'RefusalsIgnored',
  alertsSent: 'AlertsSent',
  policyRejected: 'PolicyRejected',
  waiversRejected: 'WaiversRejected',
} as const;
