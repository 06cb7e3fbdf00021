import { Agent } from 'node:http';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudTrail } from '@aws-sdk/client-cloudtrail';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuild } from '@aws-sdk/client-codebuild';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { ECR } from '@aws-sdk/client-ecr';
import { ECS } from '@aws-sdk/client-ecs';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { IAM } from '@aws-sdk/client-iam';
import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { S3 } from '@aws-sdk/client-s3';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import { SFN } from '@aws-sdk/client-sfn';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { SSM } from '@aws-sdk/client-ssm';
import { STS } from '@aws-sdk/client-sts';
import { OVER_TLS } from './gateway/upstream';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ClientOptions {
  /** @default - that of each service on AWS */
  readonly endpoint?: string;
  /** @default - that of the environment or of the profile */
  readonly region?: string;
  /** @default - those of the environment */
  readonly credentials?: Credentials;
  /** To MiniStack's socket, past the gateway. */
  readonly agent?: Agent;
}

export interface AwsClients {
  readonly cloudformation: CloudFormation;
  readonly cloudtrail: CloudTrail;
  readonly cloudwatch: CloudWatch;
  readonly logs: CloudWatchLogs;
  readonly codebuild: CodeBuild;
  readonly dynamodb: DynamoDB;
  readonly ecr: ECR;
  readonly ecs: ECS;
  readonly events: EventBridge;
  readonly iam: IAM;
  readonly kms: KMS;
  readonly lambda: Lambda;
  readonly quotas: ServiceQuotas;
  readonly s3: S3;
  readonly secrets: SecretsManager;
  readonly sfn: SFN;
  readonly sns: SNS;
  readonly sqs: SQS;
  readonly ssm: SSM;
  readonly sts: STS;
}

/**
 * The root credentials of MiniStack. The gateway refuses them; only code that uses MiniStack's socket may use
 * them.
 */
export const EMULATOR_ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export function awsClients({ agent, ...options }: ClientOptions): AwsClients {
  const { endpoint, region, credentials } = options;
  const config = {
    endpoint,
    region,
    credentials,
    maxAttempts: endpoint === undefined ? 6 : 2, // AWS throttles; what the emulator refuses is to be seen
    ...(agent !== undefined && { requestHandler: { httpAgent: agent } }),
  };
  const clients = {
    cloudformation: new CloudFormation(config),
    cloudtrail: new CloudTrail(config),
    cloudwatch: new CloudWatch(config),
    logs: new CloudWatchLogs(config),
    codebuild: new CodeBuild(config),
    dynamodb: new DynamoDB(config),
    ecr: new ECR(config),
    ecs: new ECS(config),
    events: new EventBridge(config),
    iam: new IAM(config),
    kms: new KMS(config),
    lambda: new Lambda(config),
    quotas: new ServiceQuotas(config),
    s3: new S3({ ...config, forcePathStyle: endpoint !== undefined }),
    secrets: new SecretsManager(config),
    sfn: new SFN(config),
    sns: new SNS(config),
    sqs: new SQS(config),
    ssm: new SSM(config),
    sts: new STS(config),
  };
  if (agent !== undefined) Object.values(clients).forEach(sayTls);
  return clients;
}

interface HasMiddleware {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: object) => Promise<never>) => (args: object) => Promise<never>,
      options: { step: 'finalizeRequest'; priority: 'low' },
    ): void;
  };
}

/** The gateway does so for everybody else. */
function sayTls(client: unknown): void {
  (client as HasMiddleware).middlewareStack.add(
    next => args => {
      Object.assign((args as { request: { headers: Record<string, string> } }).request.headers, OVER_TLS);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}
