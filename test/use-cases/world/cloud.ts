import { MemoryBases } from './bases';
import { MemoryBrake } from './brake';
import { EXPECTED_BUILD, MemoryCodeBuild, sha256 } from './code-build';
import { MemoryEvidence } from './evidence';
import { Crash, Interruptions } from './interruptions';
import { MemoryQueue, type Message } from './queue';
import { MemoryRegister } from './register';
import { MemoryRegistry } from './registry';
import { MemorySignatures } from './signatures';
import { MemorySigner } from './signer';
import { MemorySlots } from './slots';
import { MemoryGracePeriods } from './windows';
import type { MessageOutcome } from '../../../adapters/aws/queue-consumer';
import { HoldDetailType, type HoldEndedEvent } from '../../../src/core/events/hold-events';
import { DetailType, EVENT_SOURCE, type ImageEvent } from '../../../src/core/events/image-events';
import { readEvent } from '../../../src/core/events/our-events';
import { readSignRequest, type SignRequest } from '../../../src/core/events/sign-request';
import { policyKey, waiversKey } from '../../../src/core/evidence/evidence-keys';
import { RepositoryMessage } from '../../../src/core/scanning/reconcile-message';
import { readResultMessage, type ResultMessage } from '../../../src/core/scanning/result-message';
import { queueFor, readScanRequest, type ScanRequest } from '../../../src/core/scanning/scan-request';
import { parseWaivers, writeWaivers } from '../../../src/core/waivers/document';
import { notify } from '../../../use-cases/alerts/notify';
import { evaluateBuild } from '../../../use-cases/evaluation/evaluate-build';
import type { EvaluateContext } from '../../../use-cases/evaluation/evaluate-ports';
import { evaluateStored } from '../../../use-cases/evaluation/evaluate-stored';
import { activePolicy } from '../../../use-cases/policy/active-policy';
import { dispatchScan } from '../../../use-cases/scanning/dispatch-scan';
import { reconcileRepository, type ReconcileContext } from '../../../use-cases/scanning/reconcile';
import { signImage } from '../../../use-cases/signing/sign-image';
import type { SignContext, SignOptions } from '../../../use-cases/signing/sign-ports';

export const START = new Date('2026-11-25T10:00:00Z');
export const REGION = 'us-east-1';
export const HOME = { account: '000000000000', region: REGION };

const LEASE_SECONDS = 3000;
const VISIBILITY_SECONDS: Record<string, number> = {
  requests: 180,
  background: 180,
  results: 360,
  repositories: 960,
  signing: 150,
  alerts: 90,
};
const MAX_EXCEPTIONS = 5;

export type AnyQueue = MemoryQueue<any>;

/**
 * The cloud as far as it matters here: a clock, a register, evidence, queues, CodeBuild, a bus; and our
 * handlers, wired as in their `*.lambda.ts`.
 */
export class Cloud {
  /** What is deployed now. */
  public expectedBuild = EXPECTED_BUILD;
  public now = START;
  public readonly interruptions = new Interruptions();
  public readonly register = new MemoryRegister(this.interruptions);
  public readonly slots = new MemorySlots(this.interruptions);
  public readonly evidence = new MemoryEvidence(this.interruptions);
  public readonly uploads = new MemoryEvidence(this.interruptions);
  public readonly builds = new MemoryCodeBuild(this.uploads, this.interruptions, () => this.now);
  public readonly registry = new MemoryRegistry(this.interruptions, () => this.now);
  public readonly requests = new MemoryQueue<ScanRequest>('requests', this.interruptions, () => this.now);
  /** Requests for which nobody waits. */
  public readonly background = new MemoryQueue<ScanRequest>('background', this.interruptions, () => this.now);
  public readonly results = new MemoryQueue<ResultMessage>('results', this.interruptions, () => this.now);
  public readonly repositories = new MemoryQueue<RepositoryMessage>(
    'repositories',
    this.interruptions,
    () => this.now,
  );
  public readonly signing = new MemoryQueue<SignRequest>('signing', this.interruptions, () => this.now);
  public readonly alerts = new MemoryQueue<ImageEvent>('alerts', this.interruptions, () => this.now);
  public readonly queues: readonly AnyQueue[] = [
    this.requests,
    this.background,
    this.results,
    this.repositories,
    this.signing,
    this.alerts,
  ];
  /** Whether alerts are deployed, and what people were sent. */
  public tells = false;
  public readonly told: { readonly subject: string; readonly body: string }[] = [];
  private readonly toldBefore = new Set<string>();
  public readonly signer = new MemorySigner(this.interruptions);
  public readonly signatures = new MemorySignatures(this.registry, this.interruptions);
  /** Whether a signer is deployed. */
  public signs = false;
  /** For how many PutImage the signer waited its turn. */
  public turns = 0;
  public signOptions: SignOptions = { manifests: 'TOP', attestations: [] };
  public readonly bus: ImageEvent[] = [];
  public readonly endedHolds: HoldEndedEvent[] = [];
  /** What became of each message that was delivered, in order. */
  public readonly outcomes: MessageOutcome[] = [];
  public enrolled = true;
  /** A crash ends the process; else it is caught, and the message is sent back. */
  public dies = false;
  public policy: { revision: number; sha256: string } | undefined;
  public waivers: { revision: number; sha256: string } | undefined;
  public readonly gracePeriods = new MemoryGracePeriods(this.interruptions);
  /** What is known of the images of base repositories, if any is declared. */
  public bases: MemoryBases | undefined;
  /** Undefined: the trust has no brake on revocations. */
  public brake: MemoryBrake | undefined;
  private ids = 0;
  /** As the adapter of the two queues. */
  public readonly requestQueues = {
    send: async (request: ScanRequest, delaySeconds?: number) =>
      queueFor(request, this).send(request, delaySeconds),
    sendAll: async (requests: readonly ScanRequest[]) => {
      for (const queue of [this.requests, this.background]) {
        await queue.sendAll(requests.filter(request => queueFor(request, this) === queue));
      }
    },
    backlog: async () => this.background.messages.length,
  };
  /** The bus, and its rules for the signer and the alerts. */
  private readonly eventBus = {
    publish: async (event: ImageEvent | HoldEndedEvent) => {
      await this.interruptions.before('events.publish');
      if (event.detailType === HoldDetailType.ended) return void this.endedHolds.push(event);
      this.bus.push(structuredClone(event));
      const { detailType, detail } = event;
      if (this.signs && detailType === DetailType.verdict) {
        this.signing.put({ source: EVENT_SOURCE, 'detail-type': detailType, detail });
      }
      const isToTell =
        detailType === DetailType.scanFailed ||
        detailType === DetailType.held ||
        (detailType === DetailType.verdict && detail.changed);
      if (this.tells && isToTell) {
        this.alerts.put({ source: EVENT_SOURCE, 'detail-type': detailType, detail });
      }
    },
  };

  /** The policy resource of the stack: the next revision. The sweep is reconcile's. */
  public publish(document: object): void {
    const text = JSON.stringify(document);
    this.evidence.put(policyKey(sha256(text)), text);
    this.policy = { revision: (this.policy?.revision ?? 0) + 1, sha256: sha256(text) };
  }

  /** The waiver list was changed: the next revision. */
  public waive(...waivers: readonly object[]): void {
    const parsed = parseWaivers(JSON.stringify({ version: 1, waivers }));
    if (!parsed.ok) throw new Error(parsed.error.join('; '));
    const text = writeWaivers(parsed.value);
    this.evidence.put(waiversKey(sha256(text)), text);
    this.waivers = { revision: (this.waivers?.revision ?? 0) + 1, sha256: sha256(text) };
  }

  public brakesAbove(percent: number): MemoryBrake {
    this.brake = new MemoryBrake(percent, this.interruptions);
    return this.brake;
  }

  public unpublish(): void {
    this.policy = undefined;
  }

  /** One message to its handler; then what the queue does with what the handler says. */
  public async deliver(queue: AnyQueue, message: Message): Promise<void> {
    queue.hide(message, VISIBILITY_SECONDS[queue.name]!);
    this.interruptions.start(this.dies);
    const outcome = await this.handle(queue, message.body).catch((error: unknown) =>
      this.afterException(queue, message, error),
    );
    // the process died: the message shows up again
    if (outcome === undefined || this.interruptions.isDead) return;
    this.outcomes.push(outcome);
    if ('deferSeconds' in outcome) return queue.hide(message, outcome.deferSeconds);
    if ('poison' in outcome) queue.dead.push({ body: message.body, why: outcome.poison });
    queue.delete(message);
  }

  public evaluateContext(): EvaluateContext {
    const policy = async () => {
      await this.interruptions.before('policy.current');
      return this.policy;
    };
    return {
      ...this.ports(),
      events: this.eventBus,
      gracePeriods: this.gracePeriods,
      bases: this.bases,
      brake: this.brake,
      activePolicy: activePolicy({ policy, waivers: async () => this.waivers }, this.evidence),
      newId: () => this.newId(),
      expectedBuild: this.expectedBuild,
    };
  }

  public reconcileContext(): ReconcileContext {
    const policies = { policy: async () => this.policy, waivers: async () => this.waivers };
    const signing = this.signs ? this.signing : undefined;
    return {
      ...this.ports(),
      images: this.registry,
      repositories: this.repositories,
      signing,
      policies,
      brake: this.brake,
      enrolment: [{ by: 'all' }],
    };
  }

  public signContext(): SignContext {
    const { signer, signOptions: options, eventBus: events } = this;
    return {
      ...this.ports(),
      signer,
      options,
      events,
      registry: image => this.signatures.of(image),
      pace: async puts => {
        this.turns += puts;
      },
    };
  }

  private ports() {
    const { register, slots, evidence, uploads, builds, requestQueues: requests, results, now } = this;
    return {
      register,
      slots,
      evidence,
      uploads,
      builds,
      requests,
      results,
      now,
      home: HOME,
      urlSuffix: 'amazonaws.com',
      buildRevision: this.expectedBuild.revision,
    };
  }

  private async handle(queue: AnyQueue, body: unknown): Promise<MessageOutcome> {
    if (queue === this.requests || queue === this.background) return this.dispatch(body);
    if (queue === this.results) return this.evaluate(body);
    if (queue === this.signing) return this.sign(body);
    if (queue === this.alerts) return this.alert(body);
    return reconcileRepository(RepositoryMessage.parse(body), this.reconcileContext());
  }

  private async dispatch(body: unknown): Promise<MessageOutcome> {
    const request = readScanRequest(body);
    if (!request.ok) return { poison: request.error };
    if (request.value === undefined) return { done: 'ignored' };
    return dispatchScan(request.value, {
      ...this.ports(),
      images: this.registry,
      isEnrolled: async (image, home) => this.enrolled && image.account === home.account,
      newScanId: () => this.newId(),
      jitter: from => from,
      leaseSeconds: LEASE_SECONDS,
    });
  }

  private async evaluate(body: unknown): Promise<MessageOutcome> {
    const message = readResultMessage(body);
    if (!message.ok) return { poison: message.error };
    if ('buildId' in message.value) return evaluateBuild(message.value.buildId, this.evaluateContext());
    return evaluateStored(message.value.image, this.evaluateContext());
  }

  private async sign(body: unknown): Promise<MessageOutcome> {
    const request = readSignRequest(body);
    if (!request.ok) return { poison: request.error };
    if (request.value === undefined) return { done: 'ignored' };
    return signImage(request.value, this.signContext());
  }

  private async alert(body: unknown): Promise<MessageOutcome> {
    const event = readEvent(body);
    if (!event.ok) return { poison: event.error };
    const publish = async (message: { subject: string; body: string }) => {
      await this.interruptions.before('topic.publish');
      this.told.push(message);
    };
    const once = async (key: string, send: () => Promise<void>) => {
      if (this.toldBefore.has(key)) return;
      await send();
      this.toldBefore.add(key);
    };
    return notify(event.value as ImageEvent, {
      register: this.register,
      now: this.now,
      topics: [{ arn: 'arn:aws:sns:us-east-1:000000000000:alerts', format: 'TEXT', publish }],
      once,
    });
  }

  private afterException(queue: AnyQueue, message: Message, error: unknown): MessageOutcome | undefined {
    if (error instanceof Crash && this.dies) return undefined;
    const failures = message.failures + 1;
    if (failures >= MAX_EXCEPTIONS) return { poison: String(error) };
    queue.put(message.body, Math.min(900, 10 * 3 ** failures), failures);
    return { done: `sent back: ${String(error)}` };
  }

  private newId(): string {
    return `01JDGZ${String(++this.ids).padStart(20, '0')}`;
  }
}
