import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { AlertMessage } from '../../../src/core/alerts/message';
import { readId } from '../../../src/core/gates/admitted';
import type { Answer, Asker } from '../../../src/core/gates/answer';
import type { StackResource } from '../../../src/core/gates/asking-resource';
import { readDeploymentMessage, type WaitingDeployment } from '../../../src/core/gates/deployment';
import type { ImageName } from '../../../src/core/image/image';
import type { PublishedTrust } from '../../../src/core/sharing/why-not-asked';
import type { VerificationKey } from '../../../src/core/signing/verification-key';
import type { BreakGlassPorts } from '../../../src/core/trust/break-glass';
import { awaitTrust, type Waits } from '../../../use-cases/gates/await-trust';
import { requestTrust } from '../../../use-cases/gates/request-trust';
import { whoAsks } from '../../../use-cases/gates/who-asks';
import { ACCOUNT, type World } from '../world';

/** What a template says of an image. */
export interface Deployed {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly enforcement?: 'REFUSE' | 'AUDIT';
}

/** How it ended: with a digest, or with a reason; after so many seconds. */
export interface End {
  readonly image?: ImageName;
  /** The physical id. */
  readonly id?: string;
  readonly digest?: string;
  readonly reason?: string;
  readonly seconds: number;
}

/** As the construct sets them. */
const LOOK_EVERY_SECONDS = 5;
const TOTAL_SECONDS = 60 * 60;
const WAIT_SECONDS = 55 * 60;

const ASKED = {
  StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/service/1',
  LogicalResourceId: 'Image',
  RequestId: '1',
};

/** As CloudFormation makes it: the key says which resource it is for, and the rest is a secret. */
export function responseUrl(origin: string, { StackId, LogicalResourceId, RequestId }: typeof ASKED): string {
  const key = [StackId, LogicalResourceId, RequestId].join('|');
  return `${origin}/${encodeURIComponent(key).replaceAll('%2F', '/')}?signature=secret`;
}

/** CloudFormation and the queue of deployments, around the two functions of a gate. */
export class Gate {
  /** What the stack is doing, or undefined if CloudFormation does not say. */
  public status?: string = 'CREATE_IN_PROGRESS';
  public pinned: readonly VerificationKey[];
  /** What the gate read of its trust. */
  public read: PublishedTrust = {};
  /** What CloudFormation says of resources of the stack. @default - as the event says */
  public resources: Readonly<Record<string, StackResource | undefined>> = {};
  /** The resource that asked before, as the template says. */
  public former?: string;
  public schemaVersion: string | undefined = '1';
  /** What to do if the trust does not answer. */
  public remedy?: string;
  /** Of a trust of another app. */
  public owner?: string;
  public breakGlass?: BreakGlassPorts;
  /** @default - as the registry has it */
  public resolve?: () => Promise<string | undefined>;
  public readonly said: string[] = [];
  public readonly alerts: AlertMessage[] = [];
  public readonly counted: ('refused' | 'ignored')[] = [];
  /** No time is over, unless the test says so. */
  public pause: (seconds: number) => Promise<void>;
  /** Tags that were resolved, each time that one was. */
  public readonly resolved: string[] = [];

  constructor(private readonly world: World) {
    this.pinned = [world.signer.current];
    this.pause = () => new Promise(() => undefined);
  }

  public async create(deployed: Deployed): Promise<End> {
    return this.untilComplete(this.event(deployed));
  }

  /** @param before The physical id of the resource. */
  public async update(
    before: string,
    deployed: Deployed,
    status: string | undefined = 'UPDATE_IN_PROGRESS',
  ): Promise<End> {
    this.status = status;
    return this.untilComplete(this.event(deployed, 'Update', before));
  }

  /** Who asks, as CloudFormation says. */
  public async asker(event: CloudFormationCustomResourceEvent): Promise<Asker> {
    const { RequestType, LogicalResourceId, ResourceType } = event;
    const asking: StackResource = {
      type: ResourceType,
      status: RequestType === 'Create' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
      physicalId: RequestType === 'Create' ? undefined : event.PhysicalResourceId,
    };
    const all = { [LogicalResourceId]: asking, ...this.resources };
    return whoAsks(event, {
      stackResource: async (_stackId, logicalId) => all[logicalId],
      pause: async () => undefined,
    });
  }

  public async request(event: CloudFormationCustomResourceEvent): Promise<WaitingDeployment> {
    const { world } = this;
    if (event.RequestType === 'Delete') throw new Error('a deletion asks nothing');
    return requestTrust(event, await this.asker(event), {
      register: world.register,
      keys: { all: async () => [...this.pinned] },
      policies: { policy: async () => world.policy },
      requests: world.requests,
      remedy: this.remedy,
      home: this.owner ?? `${ACCOUNT.account}.${ACCOUNT.region}`,
      published: this.read,
      now: world.now,
      stackStatus: async () => this.status,
      pause: seconds => this.pause(seconds),
      resolve: async ({ repository }, tag) => {
        this.resolved.push(tag);
        if (this.resolve !== undefined) return this.resolve();
        return world.registry.pushed.find(
          ({ image, tags }) => image.repository === repository && tags.includes(tag),
        )?.digest;
      },
    });
  }

  /** By the message that the queue would hold. */
  public async look(
    event: CloudFormationCustomResourceEvent,
    waiting: WaitingDeployment,
  ): Promise<Answer | Waits> {
    const { world } = this;
    const message = readDeploymentMessage(
      JSON.parse(JSON.stringify({ ...waiting, asker: await this.asker(event) })),
    );
    if (!message.ok) throw new Error(message.error.why);
    const outcome = await awaitTrust(message.value, {
      register: world.register,
      keys: { all: async () => [...this.pinned] },
      policies: { policy: async () => world.policy },
      evidenceBucket: 'evidence',
      waitSeconds: WAIT_SECONDS,
      remedy: this.remedy,
      breakGlass: this.breakGlass,
      now: world.now,
      report: async (counted, alert) => {
        this.counted.push(counted);
        if (alert !== undefined) this.alerts.push(alert);
      },
      say: line => {
        this.said.push(line);
      },
      pause: seconds => this.pause(seconds),
    });
    if ('waits' in outcome) this.said.push(`waits: ${outcome.waits}`);
    return outcome;
  }

  public event(
    { repository, tag, digest, enforcement = 'REFUSE' }: Deployed,
    type: 'Create' | 'Update' | 'Delete' = 'Create',
    physicalId?: string,
    old?: Deployed,
  ): CloudFormationCustomResourceEvent {
    const ResourceProperties = {
      ServiceToken: 'gate',
      SchemaVersion: this.schemaVersion,
      Account: ACCOUNT.account,
      Region: ACCOUNT.region,
      Repository: repository,
      Tag: tag,
      Digest: digest,
      Enforcement: enforcement,
      ...(this.former !== undefined && { Former: this.former }),
    };
    return {
      RequestType: type,
      ServiceToken: 'gate',
      ...ASKED,
      ResponseURL: responseUrl('https://cloudformation', ASKED),
      ResourceType: 'Custom::TrustedImage',
      ResourceProperties,
      ...(type === 'Update' && {
        OldResourceProperties: old === undefined ? ResourceProperties : this.event(old).ResourceProperties,
      }),
      ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
    } as CloudFormationCustomResourceEvent;
  }

  private async untilComplete(event: CloudFormationCustomResourceEvent): Promise<End> {
    const start = this.world.now.getTime();
    const seconds = () => (this.world.now.getTime() - start) / 1000;
    try {
      const waiting = await this.request(event);
      while (seconds() < TOTAL_SECONDS) {
        const answer = await this.look(event, waiting);
        if ('reason' in answer) return { reason: answer.reason, seconds: seconds() };
        if (!('waits' in answer)) {
          const { PhysicalResourceId: id, Data } = answer;
          return { image: readId(id)!.last.image, id, digest: Data?.Digest, seconds: seconds() };
        }
        await this.world.settle({ minutes: LOOK_EVERY_SECONDS / 60 });
      }
      return { reason: 'CloudFormation gave up', seconds: seconds() };
    } catch (error) {
      return { reason: (error as Error).message, seconds: seconds() };
    }
  }
}
