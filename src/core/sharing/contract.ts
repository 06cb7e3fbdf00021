/**
 * What a trust publishes for gates of other apps: the contract between two apps that may be of two versions
 * of this library. A part may be added, and a gate must work without it. The version changes if a part
 * changes its meaning or is no longer published.
 */
export const SCHEMA_VERSION = '1';

/** The parts, by the end of their parameter's name. */
export const PublishedPart = {
  schemaVersion: 'schema-version',
  registerTableArn: 'register-table-arn',
  policiesTableArn: 'policies-table-arn',
  scanRequestsQueueArn: 'scan-requests-queue-arn',
  scanRequestsQueueUrl: 'scan-requests-queue-url',
  evidenceBucketName: 'evidence-bucket-name',
  findingsTableArn: 'findings-table-arn',
  eventBusArn: 'event-bus-arn',
  /** The three of break-glass are published if the trust has it. */
  grantsTableArn: 'grants-table-arn',
  grantMessagesQueueArn: 'grant-messages-queue-arn',
  grantMessagesQueueUrl: 'grant-messages-queue-url',
  /** The bus to which other accounts forward pushes. Only if repositories of other accounts are enrolled. */
  forwardingBusArn: 'forwarding-bus-arn',
  alertsTopicArn: 'alerts-topic-arn',
  alertsTopicKeyArn: 'alerts-topic-key-arn',
  /** Which repositories are enrolled, as JSON. */
  repositories: 'repositories',
  /** The pinned keys, as JSON. An output, and never a parameter (0017). */
  signingKeys: 'signing-keys',
} as const;
export type PublishedPart = keyof typeof PublishedPart;

/** The name of the output of a part. A stack publishes one trust. */
export function outputName(part: PublishedPart): string {
  return `TrustedImages${part[0]!.toUpperCase()}${part.slice(1)}`;
}

/** The name of the parameter of a part. */
export function parameterName(publishedAs: string, part: PublishedPart): string {
  return `/trusted-images/${publishedAs}/v${SCHEMA_VERSION}/${PublishedPart[part]}`;
}

/** Why a gate of this version cannot read what a trust published; undefined if it can. */
export function whyUnknownSchema(given: string): string | undefined {
  if (given === SCHEMA_VERSION) return undefined;
  return `the trust is published with schemaVersion ${JSON.stringify(given.slice(0, 40))}, allowed: ${JSON.stringify(SCHEMA_VERSION)}; deploy this stack with the version of cdk-trusted-images that the trust is deployed with`;
}
