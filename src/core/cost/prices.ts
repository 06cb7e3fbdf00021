/** Services as the bill and docs/cost.md name them, in the order of the table. */
export const SERVICES = [
  'CodeBuild',
  'KMS',
  'CloudWatch',
  'SQS',
  'Lambda',
  'DynamoDB',
  'S3',
  'EventBridge',
  'VPC',
] as const;
export type Service = (typeof SERVICES)[number];

interface Price {
  readonly service: Service;
  readonly what: string;
  /** In US dollars, for `per` units. */
  readonly usd: number;
  readonly per: number;
  /** Where the figure was read. AWS's own page, which the price has to be compared with, is in `PAGES`. */
  readonly readFrom: string;
}

/**
 * Every price that the project knows, without free tiers and discounts. AWS's pages fill in their figures
 * with a script, so most were read from others who quote them: compare them with `PAGES` on the day.
 */
export const PRICES = {
  region: 'us-east-1',
  asOf: '2026-11-26',
  of: {
    buildMinute: {
      service: 'CodeBuild',
      what: 'a minute of general1.small, Linux, begun',
      usd: 0.005,
      per: 1,
      readFrom: 'c3x.dev/resources/aws/aws_codebuild_project',
    },
    armBuildMinute: {
      service: 'CodeBuild',
      what: 'a minute of arm1.small, Linux, begun',
      usd: 0.0034,
      per: 1,
      readFrom: 'public READMEs that quote the page',
    },
    key: { service: 'KMS', what: 'a key, a month', usd: 1, per: 1, readFrom: 'aws.amazon.com/kms/pricing' },
    signature: {
      service: 'KMS',
      what: 'requests with an asymmetric key that is not RSA 2048',
      usd: 0.15,
      per: 10_000,
      readFrom: 'factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region (June 2026)',
    },
    alarm: {
      service: 'CloudWatch',
      what: 'a standard alarm, a month',
      usd: 0.1,
      per: 1,
      readFrom: 'public READMEs that quote the page',
    },
    metric: {
      service: 'CloudWatch',
      what: 'a custom metric, a month, by the hour in which it has data',
      usd: 0.3,
      per: 1,
      readFrom: 'signoz.io/guides/cloudwatch-pricing (February 2026)',
    },
    logGb: {
      service: 'CloudWatch',
      what: 'GB of logs',
      usd: 0.5,
      per: 1,
      readFrom: 'factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards (June 2026)',
    },
    queueRequest: {
      service: 'SQS',
      what: 'requests to standard queues',
      usd: 0.4,
      per: 1_000_000,
      readFrom: 'cloudburn.io/blog/amazon-sqs-pricing (March 2026)',
    },
    invocation: {
      service: 'Lambda',
      what: 'invocations',
      usd: 0.2,
      per: 1_000_000,
      readFrom: 'public READMEs that quote the page',
    },
    gbSecond: {
      service: 'Lambda',
      what: 'GB-seconds on Arm',
      usd: 13.3334,
      per: 1_000_000,
      readFrom: 'public READMEs that quote the page',
    },
    write: {
      service: 'DynamoDB',
      what: 'write request units on demand',
      usd: 0.625,
      per: 1_000_000,
      readFrom: 'airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)',
    },
    read: {
      service: 'DynamoDB',
      what: 'read request units on demand',
      usd: 0.125,
      per: 1_000_000,
      readFrom: 'airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)',
    },
    put: {
      service: 'S3',
      what: 'PUT requests',
      usd: 0.005,
      per: 1000,
      readFrom: 'public READMEs that quote the page',
    },
    get: {
      service: 'S3',
      what: 'GET requests',
      usd: 0.0004,
      per: 1000,
      readFrom: 'public READMEs that quote the page',
    },
    storedGb: {
      service: 'S3',
      what: 'GB of S3 Standard, a month',
      usd: 0.023,
      per: 1,
      readFrom: 'public READMEs that quote the page',
    },
    event: {
      service: 'EventBridge',
      what: 'custom events',
      usd: 1,
      per: 1_000_000,
      readFrom: 'public READMEs that quote the page',
    },
    endpointHour: {
      service: 'VPC',
      what: 'an hour of an interface endpoint in a zone',
      usd: 0.01,
      per: 1,
      readFrom: 'awsnegotiations.com/privatelink-cost-analysis (May 2026)',
    },
  } satisfies Readonly<Record<string, Price>>,
} as const;

/** What is billed. */
export type Unit = keyof typeof PRICES.of;

/** AWS's own price pages. */
export const PAGES: Readonly<Record<Service, string>> = {
  CodeBuild: 'https://aws.amazon.com/codebuild/pricing/',
  KMS: 'https://aws.amazon.com/kms/pricing/',
  CloudWatch: 'https://aws.amazon.com/cloudwatch/pricing/',
  SQS: 'https://aws.amazon.com/sqs/pricing/',
  Lambda: 'https://aws.amazon.com/lambda/pricing/',
  DynamoDB: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  S3: 'https://aws.amazon.com/s3/pricing/',
  EventBridge: 'https://aws.amazon.com/eventbridge/pricing/',
  VPC: 'https://aws.amazon.com/privatelink/pricing/',
};
