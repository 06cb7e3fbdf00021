/** A finding that is no mistake. */
export interface Accepted {
  /** The id of the rule as its checker writes it: cdk-nag's begin with AwsSolutions, checkov's with CKV. */
  readonly rule: RegExp;
  /** On which resources, if not on all: by construct path for cdk-nag, by logical id for the others. */
  readonly on?: RegExp;
  readonly why: string;
}

/**
 * What cfn-lint, checkov and cdk-nag find in all constructs and is accepted, each with its reason. The test
 * fails for every other finding, and for an entry that no finding needs any more. What cdk-nag finds in the
 * constructs of the library is in src/nag-findings.ts, for all who use them.
 */
export const ACCEPTED: readonly Accepted[] = [
  // cfn-lint
  {
    rule: /^W3005$/,
    why: "CDK adds a DependsOn that a Ref already implies: one too many delays nothing and opens nothing, and CDK's is what makes policies exist before their users",
  },

  // checkov: AWS Lambda
  {
    rule: /^CKV_AWS_115$/,
    why: 'Reserved concurrency is taken away from the account, and a new account has 10 that cannot be reserved: the deployment would fail. The event sources limit each function instead (MaximumConcurrency), but the notifier, to which no more comes at once than those send',
  },
  {
    rule: /^CKV_AWS_116$/,
    why: 'Work comes from SQS, whose queues have dead-letter queues with alarms. What runs by a schedule has an alarm on its errors, and its next run does all that was left',
  },
  {
    rule: /^CKV_AWS_117$/,
    why: 'A VPC is for the user to give (network): endpoints for all services cost more than everything else. No function listens, each calls only AWS, and IAM limits what it may call',
  },
  {
    rule: /^CKV_AWS_173$/,
    why: 'Variables hold names, addresses and public keys, and no secret. Lambda encrypts them with a key of its own; a key of the account would protect nothing more, and could be disabled',
  },
  // queues, logs, tables, buckets, repositories
  {
    rule: /^CKV_AWS_27$/,
    why: 'Every queue is encrypted with SSE-SQS (SqsManagedSseEnabled), which this rule does not look at: it asks for a KMS key. Messages hold digests and names, and are hints that are checked against the register',
  },
  {
    rule: /^CKV_AWS_158$/,
    why: 'CloudWatch encrypts logs with a key of its own. Logs hold decisions, digests and names: what Trivy finds of secrets is redacted before it is logged or stored',
  },
  {
    rule: /^CKV_AWS_165$/,
    on: /Sent[0-9A-F]{8}$/,
    why: 'Marks of alerts that were sent, deleted after 30 days. If they are lost, an alert is sent twice. All tables with state have backups',
  },
  {
    rule: /^CKV_AWS_18$/,
    why: 'Who read the evidence is in CloudTrail data events, where an organisation has them; access logs would be a second bucket for everybody',
  },
  {
    rule: /^CKV_AWS_21$/,
    on: /^TrustEvidenceUploads/,
    why: 'What builds upload is to be gone within two days, and S3 keeps what expired in a versioned bucket for longer',
  },
  {
    rule: /^CKV_AWS_51$/,
    on: /^(?:TrustApp|Repository)/,
    why: 'Tags are immutable but for those of signatures (IMMUTABLE_WITH_EXCLUSION), a value that this rule does not know. Gates admit digests, and no tags',
  },
  {
    rule: /^CKV_AWS_163$/,
    on: /^(?:Trust(?:App|ScannerProbeRepository)|Repository)/,
    why: "This library scans every push itself. ECR's own scan on push is set for the registry, and its findings decide nothing here",
  },

  {
    rule: /^CKV_AWS_136$/,
    on: /^TrustScannerProbeRepository/,
    why: "It holds the probe's own image, which is the same for everybody. ECR encrypts it with a key of its own",
  },

  // IAM and keys
  {
    rule: /^CKV_AWS_111$/,
    why: 'In a VPC, AWS Lambda and CodeBuild make network interfaces, and nobody knows their names before. Code of a function is denied the same actions',
  },
  {
    rule: /^CKV_AWS_33$/,
    on: /^TrustSigningKey/,
    why: 'Only for a trust with an importing organization: whoever it is in may read the public key, by the condition aws:PrincipalOrgID, and nobody may sign by it',
  },
  {
    rule: /^AwsSolutions-IAM4\[.+\/AWSLambdaBasicExecutionRole\]$/,
    on: /^Service\/Function\//,
    why: "The reader's own function, which is deployed as an example: its role is CDK's default",
  },

  // builds and events
];
