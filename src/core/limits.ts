const KIB = 1024;
const MIB = 1024 * KIB;

/** How much is read. Whatever is larger ends in a failed scan (ERROR) with its cause, never in a verdict. */
export const Limit = {
  /** A manifest: Amazon ECR takes up to 4 MiB. */
  manifestBytes: 4 * MIB,
  /** Platform manifests of an index; nested indexes are not followed. */
  indexChildren: 32,
  /** A report as uploaded: gzip of Trivy's JSON is about 8 % of it. */
  reportBytes: 64 * MIB,
  reportUnzippedBytes: 256 * MIB,
  sbomBytes: 32 * MIB,
  sbomUnzippedBytes: 128 * MIB,
  smallFileBytes: 64 * KIB,
  /** `form.json`: some 260 bytes a layer, of which an image has 500 at most. */
  formBytes: 256 * KIB,
  /** `accounting.json`, with files of the distribution, and `scan.json`, which keeps the rest of it. */
  accountingBytes: 4 * MIB,
  scanRecordBytes: 4 * MIB,
  /** A policy with its Rego, or a waiver list. */
  policyBytes: 8 * MIB,
  /** Layers as compressed in the registry. More does not fit on a build's disk. */
  imageBytes: 20 * 1024 * MIB,
  /**
   * The normal form of an image, on the disk of the machine that scans it: all its layers unpacked, and each
   * hard link as a file. The smallest build has 64 GB.
   */
  normalFormBytes: 32 * 1024 * MIB,
  /** Entries of all layers together. A million of them take about 300 MiB of memory. */
  imageFiles: 3_000_000,
  /** Referrers of an image that the second check reads; an image with more is refused there. */
  referrers: 100,
  /**
   * Of a revoked image: referrers of all types that are looked at, and bytes that are read at its tags, and
   * of its bundles. With more, the rest stays in the registry, and an alert says so.
   */
  withdrawnReferrers: 1000,
  withdrawnBytes: 256 * MIB,
  bundleManifestBytes: 64 * KIB,
  bundleBytes: 256 * KIB,
  /**
   * Signatures in one `.sig`, including those of others. A `.sig` with more stays unchanged, and so does
   * one that has no room for ours (`manifestBytes`).
   */
  classicSignatures: 200,
  /**
   * A larger predicate is not in its attestation, only its place and hash: `cosign verify` loads every
   * bundle.
   */
  attestationBytes: 4 * MIB,
  /** A text in a report. A longer one is cut, not refused: it is only shown. */
  textCharacters: 400,
  /** Findings of one image. With more, the image is not judged at all, rather than in part. */
  findings: 200_000,
  /** Findings, or images, that a page lists. A browser searches through as many while somebody types. */
  pageRows: 20_000,
  /** Violations that a verdict lists. Its count includes all of them. */
  verdictViolations: 500,
  /**
   * All policies and waivers of a deployment. CloudFormation hands the new ones and those of before to a
   * function in one message of 256 KB at most.
   */
  inlinePolicyBytes: 120 * KIB,
  /** Rego that a stack carries, and Rego that a policy file names. More goes into a bucket. */
  inlineRegoCharacters: 80 * KIB,
  policyFileRegoCharacters: 128 * KIB,
  /** A file that a policy file names, and the Rego files of a folder. */
  policyFileNamedBytes: 4 * MIB,
  policyFileFolderFiles: 200,
  /** Of a catalog of exploited vulnerabilities: CISA's has some 1,600, which are 27 KiB of a policy. */
  exploitedVulnerabilities: 6_000,
  /** Memory of BuildKit's code for one Dockerfile; 100 lines take 25 MiB. */
  dockerfileMemoryMiB: 256,
  /** Of a policy in a bucket: bytes of a file, characters of all, and files. */
  regoBytes: MIB,
  regoTotalCharacters: 4 * MIB,
  regoFiles: 100,
  /** Grace periods that a repository has had. With more, every further finding is refused at once. */
  openGracePeriods: 5_000,
  /** Violations that an event and a register row carry. */
  eventViolations: 20,
  /** Places where a revoked image runs, and lookups that failed, that an event carries. */
  eventPlaces: 50,
  eventUnknown: 20,
  /** Manifests with signatures of a revoked image that an event carries: deleted, and those that stay. */
  eventRemoved: 200,
  eventKept: 50,
  rowViolations: 5,
  rowWaivers: 20,
  rowTags: 10,
  rowParents: 20,
  /** The newest ACTIVE revisions of a task or job definition: what they name counts as in use. */
  newestRevisions: 10,
  /** Images that a gate in a service is asked about at once. */
  gateImages: 50,
  /** What an action of CodePipeline is configured with, in characters. */
  pipelineParameters: 1000,
  /** Digests on its list: they are in its environment, which has 4 KB at most. */
  gateAllowedImages: 20,
  /** What a hook of CloudFormation is asked about, where it lies in S3. A template has 1 MB at most. */
  hookPayloadBytes: 4 * MIB,
  /** Images that `doctor` looks at: more take longer than a minute. */
  doctorImages: 50_000,
  /** Stacks of other apps that a trust knows by name. Of more, those that were heard of last are listed. */
  importers: 500,
  /**
   * Base images that are known by their layers, of one repository and of all, and tags of each. All are in
   * one row, which has 400 KB at most: with the longest names this one has 300.
   */
  basesOfRepository: 40,
  bases: 200,
  baseTags: 5,
  /** Of the newer ones: how many rows, and how many reports, are read for the page of an image. */
  newerBases: 10,
  newerBaseReports: 3,
  /** Repositories whose failures the brake counts, and verdicts that it remembers to count none twice. */
  brakeRepositories: 1000,
  brakeCounted: 200,
  /** Repositories whose images reconcile counts for the brake. With more it never holds: a row has 400 KB. */
  passedRepositories: 2000,
  /** Requests that wait in line for a scan. Others come back too, and join the line when it is shorter. */
  scanLine: 30,
} as const;

/** What AWS takes. Synthesis refuses more, which AWS would refuse only when it is deployed. */
export const AwsLimit = {
  /**
   * Of the policy of an Amazon SQS queue, which has 20 statements, 50 principals and 10 conditions at most.
   * One principal is everybody who uses no TLS, one is everybody of the organizations. Each organization is
   * counted as a condition, because AWS does not say whether a list of values counts once.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
   */
  importingAccounts: 48,
  importingOrganizations: 9,
  /**
   * The variables of a function, as JSON.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
   */
  environmentCharacters: 4096,
  /**
   * Regions in which AWS Lambda has no function URLs.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
   */
  withoutFunctionUrls: [
    'ap-east-2',
    'ap-south-2',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
    'ca-west-1',
    'eu-central-2',
    'eu-south-2',
    'il-central-1',
    'me-central-1',
    'mx-central-1',
  ],
} as const;
