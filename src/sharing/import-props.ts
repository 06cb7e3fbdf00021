import { AlertTopic } from '../alerts/alert-topic';
import { EmergencyAccess } from '../break-glass/break-glass';
import { GATE_OF_TRUST, type TrustGateOptions } from '../gates/trust-gate-options';
import { having, optional, required, TEXT, type Properties } from '../properties/properties';
import { IN_NETWORK, type NetworkOptions } from '../queues/network';
import { RepositorySelector, SELECTORS } from '../repository/repository-selector';

/**
 * Options of every imported trust.
 */
export interface ImportOptions {
  /**
   * The network that the functions of the gates run in.
   *
   * @default - no VPC
   */
  readonly network?: NetworkOptions;

  /**
   * The gate that the images of this app ask. It is made in the stack that the trust is imported into.
   *
   * @default - a gate with the name of that stack
   */
  readonly gate?: TrustGateOptions;
}

/**
 * How to import a trust by the outputs of its stack.
 */
export interface ImportFromStackProps extends ImportOptions {
  /** The name of the stack of the trust, in the account of this app. It must be published: `publishedAs`. */
  readonly stackName: string;

  /**
   * The region of the stack of the trust.
   *
   * @default - the region of the importing stack
   */
  readonly region?: string;

  /**
   * Whether gates read break-glass grants of the trust before they refuse. The trust must have them: a trust
   * of an earlier version does not publish where they are.
   *
   * @default EmergencyAccess.NONE
   */
  readonly emergencyAccess?: EmergencyAccess;

  /**
   * The topic that receives alerts and alarms of the gates. It is needed if the trust is in another region.
   *
   * @default - the first topic of the trust, as text. The trust must have a topic that it made itself
   */
  readonly alertTopic?: AlertTopic;
}

/**
 * A signing key that the gates of this app accept.
 */
export interface ImportedSigningKey {
  /** The ARN of the key. An alias is not allowed, because it can be moved to another key. */
  readonly keyArn: string;

  /**
   * For a former key: the time until which gates accept its signatures, as ISO 8601, for example
   * `2027-01-31T00:00:00Z`.
   *
   * @default - for as long as the key is named here
   */
  readonly acceptedUntil?: string;
}

/**
 * How to import a trust by its parameters.
 */
export interface ImportFromParametersProps extends ImportOptions {
  /** The `publishedAs` of the trust, in the account and region of this app. */
  readonly publishedAs: string;

  /**
   * The signing keys that gates accept, at least one. They are not read from a parameter: whoever may write
   * the parameter would choose them.
   */
  readonly signingKeys: ImportedSigningKey[];

  /**
   * Whether gates read break-glass grants of the trust before they refuse. The trust must have them: a trust
   * of an earlier version does not publish where they are.
   *
   * @default EmergencyAccess.NONE
   */
  readonly emergencyAccess?: EmergencyAccess;

  /**
   * The topic that receives alerts and alarms of the gates.
   *
   * @default - the first topic of the trust, as text. The trust must have a topic that it made itself
   */
  readonly alertTopic?: AlertTopic;
}

/**
 * How to import a trust by its attributes: the outputs of its stack, copied.
 */
export interface ImportFromAttributesProps extends ImportOptions {
  /** The output `TrustedImagesSchemaVersion`. */
  readonly schemaVersion: string;

  /** The output `TrustedImagesRegisterTableArn`. It also says in which account and region the trust is. */
  readonly registerTableArn: string;

  /** The output `TrustedImagesPoliciesTableArn`. */
  readonly policiesTableArn: string;

  /** The output `TrustedImagesScanRequestsQueueArn`. */
  readonly scanRequestsQueueArn: string;

  /**
   * The output `TrustedImagesScanRequestsQueueUrl`.
   *
   * @default - the URL of the queue at the endpoint of Amazon SQS in its region
   */
  readonly scanRequestsQueueUrl?: string;

  /**
   * The output `TrustedImagesGrantsTableArn`, with `grantMessagesQueueArn`. Throws for one without the other.
   *
   * @default - gates read no break-glass grants: what they refuse stays refused
   */
  readonly grantsTableArn?: string;

  /**
   * The output `TrustedImagesGrantMessagesQueueArn`. Each use of a grant is recorded there.
   *
   * @default - gates read no break-glass grants
   */
  readonly grantMessagesQueueArn?: string;

  /**
   * The output `TrustedImagesGrantMessagesQueueUrl`.
   *
   * @default - the URL of the queue at the endpoint of Amazon SQS in its region
   */
  readonly grantMessagesQueueUrl?: string;

  /** The output `TrustedImagesEvidenceBucketName`. Refusals name reports in it. */
  readonly evidenceBucketName: string;

  /** The keys of the output `TrustedImagesSigningKeys`, at least one. */
  readonly signingKeys: ImportedSigningKey[];

  /** The topic that receives alerts and alarms of the gates, in the account and region of this app. */
  readonly alertTopic: AlertTopic;

  /**
   * The repositories that are enrolled in the trust, those of other accounts too:
   * `RepositorySelector.name(…).inAccount(…)`.
   *
   * @default - not known: a deployment of an image that is not enrolled is refused only after 55 minutes, and
   * every image that is not of the account of the trust is refused
   */
  readonly repositories?: RepositorySelector[];
}

const IMPORT_OPTIONS: Properties<ImportOptions> = { network: IN_NETWORK, gate: GATE_OF_TRUST };
const ALERT_TOPIC = 'an AlertTopic, for example AlertTopic.text()';

/** @internal */
export const IMPORTED_SIGNING_KEY: Properties<ImportedSigningKey> = {
  keyArn: required(),
  acceptedUntil: optional(),
};

/** @internal */
export const IMPORT_FROM_STACK: Properties<ImportFromStackProps> = {
  ...IMPORT_OPTIONS,
  stackName: required(),
  region: optional(),
  emergencyAccess: optional(),
  alertTopic: optional(AlertTopic, ALERT_TOPIC),
};

/** @internal */
export const IMPORT_FROM_PARAMETERS: Properties<ImportFromParametersProps> = {
  ...IMPORT_OPTIONS,
  publishedAs: required(),
  signingKeys: required([having<ImportedSigningKey>()], 'a list of objects with a keyArn'),
  emergencyAccess: optional(),
  alertTopic: optional(AlertTopic, ALERT_TOPIC),
};

/** @internal */
export const IMPORT_FROM_ATTRIBUTES: Properties<ImportFromAttributesProps> = {
  ...IMPORT_OPTIONS,
  schemaVersion: required(TEXT, 'a text, for example "1"'),
  registerTableArn: required(),
  policiesTableArn: required(),
  scanRequestsQueueArn: required(),
  scanRequestsQueueUrl: optional(),
  grantsTableArn: optional(),
  grantMessagesQueueArn: optional(),
  grantMessagesQueueUrl: optional(),
  evidenceBucketName: required(),
  signingKeys: required([having<ImportedSigningKey>()], 'a list of objects with a keyArn'),
  alertTopic: required(AlertTopic, ALERT_TOPIC),
  repositories: optional([RepositorySelector], SELECTORS),
};
