import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { NetworkOptions } from '../queues/network';
import type { RequestedMetrics } from '../queues/requested-metrics';

/**
 * How the gates of one stack ask a trust.
 *
 * @internal
 */
export interface GateAccess {
  /** The metrics that are asked of its functions, and their name in logs. */
  readonly metrics: RequestedMetrics;
  /** The variables of both functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** The keys as CloudFormation reads them when it deploys a function, where the environment has none. */
  readonly pinnedKeys: string | undefined;
  /** The variables by which a gate reads the trust at each deployment of an image. */
  readonly readsTrust: Readonly<Record<string, string>>;
  /** What the trust was published with. Undefined if it is of this app. */
  readonly schemaVersion: string | undefined;
  readonly scanRequestsQueueUrl: string;
  /** The enrolled repositories. Undefined if nobody knows them here. */
  readonly enrolment: string | undefined;
  readonly evidenceBucketName: string;
  /** The variables that say where alerts go. */
  readonly alertEnvironment: Readonly<Record<string, string>>;
  readonly network: NetworkOptions | undefined;
  /** Of another app: its trust is told which stacks ask it. */
  readonly isImported: boolean;
  /** Of a trust of this app: a project of CodeBuild whose image is external. */
  readonly scanner?: IConstruct;
  /** What must be deployed before a gate asks. */
  readonly waitsFor: readonly IConstruct[];
  /** Sends an alarm where alerts go. */
  addAlarm(alarm: Alarm): void;
  /** Allows a function to send alerts. */
  grantAlert(handler: IGrantable): void;
  /** Allows a function to read the register, the active policy and the pinned keys. */
  grantLook(handler: IGrantable): void;
  /** Allows a function to judge what runs: to look, and to read break-glass grants. It can record no use. */
  grantJudge(handler: IGrantable): void;
  /** Allows a function to decide: to look, to read break-glass grants, and to record their uses. */
  grantAsk(handler: IGrantable): void;
  /** Allows a function to read the trust at each deployment of an image. */
  grantReadTrust(handler: IGrantable): void;
  /** Allows a function to resolve tags of the enrolled repositories. */
  grantResolve(handler: IGrantable): void;
  /** Allows a function to request scans. */
  grantRequest(handler: IGrantable): void;
}
