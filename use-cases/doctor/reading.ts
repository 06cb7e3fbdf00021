import { listImages } from './listing';
import type { DoctorReaders } from './readers';
import type { AlarmFacts } from '../../adapters/aws/cloudwatch';
import type { QueueFacts } from '../../adapters/aws/queue-facts';
import { inParallel } from '../../adapters/in-parallel';
import type { Listing } from '../../src/core/doctor/known-image';
import { MetricName } from '../../src/core/environment';
import { AtOnce, Seconds } from '../../src/core/times';
import { partOf, type DeployedTrust } from '../deployed-trust/find-trust';
import type { TrustResource } from '../deployed-trust/trusts-in-template';

/** What checks look at. What several of them need is read once. */
export class Reading {
  public readonly known = once(() => this.readers.knownImages(this.signal));
  public readonly listing = once((): Promise<Listing> => listImages(this.trust, this.readers, this.signal));
  public readonly queues = once(() => this.readQueues());
  /** How late the latest request was that was deferred of late. */
  public readonly lateness = once(() => {
    const from = new Date(this.now.getTime() - Seconds.doctorDeferred * 1000);
    return this.readers.maximum(MetricName.scansLate, { from, to: this.now });
  });
  public readonly alarms = once((): Promise<AlarmFacts[]> =>
    this.readers.alarms(this.resources('AWS::CloudWatch::Alarm').map(({ physicalId }) => physicalId)),
  );

  constructor(
    public readonly trust: DeployedTrust,
    public readonly readers: DoctorReaders,
    public readonly now: Date,
    private readonly signal: AbortSignal,
  ) {}

  public get register(): string {
    return partOf(this.trust, 'register');
  }

  /** The resources of the trust of one type. */
  public readonly resources = (type: string): TrustResource[] =>
    this.trust.resources.filter(resource => resource.type === type);

  /** The ARN of something in the account and region of the trust. */
  public readonly arn = (service: string, resource: string): string => {
    const { partition, region, account } = this.trust.facts;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  };

  private async readQueues(): Promise<(QueueFacts & { readonly name: string })[]> {
    return inParallel(
      AtOnce.queries,
      this.resources('AWS::SQS::Queue'),
      async ({ logicalId, physicalId }) => ({
        name: logicalId,
        ...(await this.readers.queue(physicalId)),
      }),
    );
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => (done ??= read());
}
