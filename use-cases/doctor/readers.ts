import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient, type ImageIdentifier } from '@aws-sdk/client-ecr';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { BuildQuotas } from '../../adapters/aws/build-quotas';
import { clientOptions } from '../../adapters/aws/client-options';
import { CloudWatch, type AlarmFacts } from '../../adapters/aws/cloudwatch';
import { EcrRegistry } from '../../adapters/aws/ecr-registry';
import { EcrRepositories } from '../../adapters/aws/ecr-repositories';
import { EventRules } from '../../adapters/aws/event-rules';
import { FunctionLimits } from '../../adapters/aws/function-limits';
import { keyState } from '../../adapters/aws/key-state';
import { knownImages } from '../../adapters/aws/known-images';
import { queueFacts, type QueueFacts } from '../../adapters/aws/queue-facts';
import { topicSubscriptions } from '../../adapters/aws/topic-subscriptions';
import { trailsOf } from '../../adapters/aws/trails';
import type { Caller } from '../../adapters/caller';
import type { KnownImages } from '../../src/core/doctor/known-image';
import type { Trail } from '../../src/core/doctor/trail';
import { imageOf, type ImageName } from '../../src/core/image/image';
import type { Referrer } from '../../src/core/trust/registry-check';
import { partOf, type DeployedTrust } from '../deployed-trust/find-trust';

/** What checks read. Nothing writes. */
export interface DoctorReaders {
  buildQuota(quotaName: string): Promise<number | undefined>;
  unreservedFunctions(): Promise<number>;
  functionState(name: string): Promise<{ readonly state?: string; readonly reserved?: number }>;
  eventSource(id: string): Promise<string | undefined>;
  /** @param bus undefined: the default one */
  rule(
    name: string,
    bus: string | undefined,
  ): Promise<{ readonly state?: string; readonly targets: readonly string[] }>;
  /** Those that cover the region of the trust. */
  trails(): Promise<Trail[]>;
  queue(url: string): Promise<QueueFacts>;
  alarms(names: readonly string[]): Promise<AlarmFacts[]>;
  /** The maximum of a metric of the trust's functions in a time. */
  maximum(metricName: string, time: { from: Date; to: Date }): Promise<number | undefined>;
  subscriptions(topicArn: string): Promise<{ confirmed: number; pending: number }>;
  key(arn: string): Promise<{ state: string | undefined; deletionDate?: Date }>;
  knownImages(signal: AbortSignal): Promise<KnownImages>;
  repositories(): AsyncIterable<{ readonly name: string; readonly arn: string }>;
  repositoryTags(repositoryArn: string): Promise<Record<string, string>>;
  images(
    repository: string,
  ): AsyncIterable<{ readonly digest: string; readonly tags: string[]; readonly pushedAt: Date }>;
  pushedAt(repository: string, image: ImageIdentifier): Promise<Date | undefined>;
  referrers(image: ImageName): AsyncIterable<Referrer>;
}

export function readersOf(trust: DeployedTrust, cli: Caller): DoctorReaders {
  const options = clientOptions(cli, trust.region);
  const functions = new FunctionLimits(new LambdaClient(options));
  const rules = new EventRules(new EventBridgeClient(options));
  const cloudWatch = new CloudWatch(new CloudWatchClient(options));
  const quotas = new BuildQuotas(new ServiceQuotasClient(options));
  const [sqs, sns, ecr] = [new SQSClient(options), new SNSClient(options), new ECRClient(options)];
  const repositories = new EcrRepositories(ecr);
  return {
    buildQuota: name => quotas.value(name),
    unreservedFunctions: () => functions.unreserved(),
    functionState: name => functions.functionState(name),
    eventSource: id => functions.eventSource(id),
    rule: (name, bus) => rules.rule(name, bus),
    trails: () =>
      trailsOf(region => new CloudTrailClient(clientOptions(cli, region ?? trust.region)), trust.account),
    queue: url => queueFacts(url, sqs),
    alarms: names => cloudWatch.alarms(names),
    maximum: (name, time) => cloudWatch.maximum(name, trust.service, time),
    subscriptions: topic => topicSubscriptions(topic, sns),
    // a pinned key may be in another region
    key: arn => keyState(arn, new KMSClient(clientOptions(cli, arn.split(':')[3]))),
    knownImages: signal => knownImages(partOf(trust, 'register'), new DynamoDBClient(options), signal),
    repositories: () => repositories.repositories(),
    repositoryTags: arn => repositories.tags(arn),
    images: repository => repositories.images({ repository }),
    pushedAt: (repository, image) => repositories.pushedAt(repository, image),
    referrers: image => new EcrRegistry(imageOf(image), ecr).referrers(imageOf(image).digest),
  };
}
