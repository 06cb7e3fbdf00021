import { Cloud, REGION, type AnyQueue } from './world/cloud';
import type { Run } from './world/code-build';
import { buildEnded, pushed } from './world/events';
import type { Message } from './world/queue';
import { isScannable, storedImage, trivyErrors, trivyReport } from './world/zoo';
import type { ImageEvent } from '../../src/core/events/image-events';
import { imageName, imageOf, sibling, type ImageName } from '../../src/core/image/image';
import type { RegisterRow } from '../../src/core/register/row';
import type { Build } from '../../src/core/scanning/provenance';
import { queueFor, requestFor, type ScanReason } from '../../src/core/scanning/scan-request';
import type { VerificationKey } from '../../src/core/signing/verification-key';
import { decide, type Decision } from '../../src/core/trust/decide';
import { reconcileDue } from '../../use-cases/scanning/reconcile';

export { START } from './world/cloud';
export { pushed, referenceOf } from './world/events';

export const ACCOUNT = { account: '000000000000', region: REGION };
export const STANDARD = {
  name: 'standard',
  maxAgeHours: 72,
  rules: [
    { rule: 'coverage', action: 'deny' },
    { rule: 'database-age', action: 'deny', maxHours: 48 },
    { rule: 'vulnerabilities', action: 'deny', severities: ['CRITICAL'], onlyFixed: true },
    { rule: 'secrets', action: 'deny' },
    { rule: 'end-of-life-os', action: 'deny' },
    { rule: 'runs-as-root', action: 'deny' },
  ],
};
/** As wide as a policy can be: it refuses a CVE severity that no image of the zoo has. */
export const LENIENT = {
  name: 'lenient',
  maxAgeHours: 72,
  rules: [{ rule: 'vulnerabilities', action: 'deny', severities: ['UNKNOWN'], onlyFixed: true }],
};

const MAX_STEPS = 2000;

/** What people and time do to the cloud, and what can be seen of it. */
export class World extends Cloud {
  /** EventBridge gets CodeBuild's events as "best effort". */
  public losesBuildEvents = false;
  private readonly runs = new Map<ImageName, Run>();
  /** Whose packages it has. */
  private readonly first = new Map<ImageName, string>();

  constructor() {
    super();
    this.publish(STANDARD);
    this.builds.runOf = image => this.runs.get(image) ?? { status: 'FAILED' };
    this.builds.configOf = image => {
      const { digest } = imageOf(image);
      return this.registry.pushed.find(each => each.digest === digest)?.manifest.config?.digest;
    };
    this.builds.onEnd = buildId => {
      if (!this.losesBuildEvents) this.results.put(buildEnded(buildId));
    };
    this.signatures.onPush = ({ image, digest, tag }) =>
      this.requests.put(pushed(imageName(sibling(imageOf(image), digest)), this.now, tag));
  }

  /** Which of the messages that are visible is handed out next. */
  public pick: (count: number) => number = () => 0;

  // ---- arrange

  /** An image of the zoo in a repository of its own; of an index, with its children. */
  public has(name: string, platforms: readonly string[] = [], repository = `team/${name}`): ImageName {
    const image = this.registry.addFromZoo({ ...ACCOUNT, repository }, name, platforms);
    if (platforms.length === 0 && isScannable(name)) this.finds(imageName(image), name);
    for (const platform of platforms) {
      this.finds(
        imageName({ ...image, digest: storedImage(`${name}.${platform}`).digest }),
        `${name}.${platform}`,
      );
    }
    return imageName(image);
  }

  /**
   * From now on a scan of the image ends like this; with the name of an image of the zoo, it finds what Trivy
   * found there. The packages of a digest that has a verdict stay what they were.
   */
  public finds(image: ImageName, run: Run | string): void {
    if (typeof run !== 'string') return void this.runs.set(image, run);
    const isJudged = this.register.rows.get(image)?.verdict !== undefined;
    const first = (isJudged && this.first.get(image)) || run;
    this.first.set(image, first);
    const report = first === run ? trivyReport(run) : findingsOf(trivyReport(run), trivyReport(first));
    this.runs.set(image, { report, errors: trivyErrors(run) });
  }

  public push(image: ImageName, tag?: string): void {
    if (tag !== undefined) this.registry.tag(imageOf(image), tag);
    this.requests.put(pushed(image, this.now, tag));
  }

  public ask(image: ImageName, reason: ScanReason): void {
    const request = requestFor(image, imageOf(image).digest, reason, this.now);
    queueFor(request, this).put(request);
  }

  // ---- act

  /** Everything that happens by itself until nothing is left to do, or until then. */
  public async settle({
    minutes = Infinity,
    step = (): Promise<boolean> => this.deliverOne(),
  } = {}): Promise<void> {
    const until = this.now.getTime() + minutes * 60_000;
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      this.builds.endDue();
      if (await step()) continue;
      const next = this.nextTime();
      if (next > until || next === Infinity) {
        if (minutes !== Infinity) this.now = new Date(until);
        return;
      }
      this.now = new Date(Math.max(next, this.now.getTime()));
    }
    throw new Error(`the world does not come to rest: ${JSON.stringify(this.outcomes.slice(-5))}`);
  }

  /** An image that passed a day ago. */
  public async passed(image: ImageName): Promise<void> {
    this.push(image, 'v1');
    await this.settle();
    this.pass(25);
  }

  /** It passed a day ago, and its renewal is under way: claimed, started, confirmed. */
  public async renewing(image: ImageName): Promise<Build> {
    await this.passed(image);
    this.ask(image, 'renewal');
    await this.settle({ minutes: 1 });
    return this.builds.builds.at(-1)!;
  }

  /** The builds that are under way end; nobody has heard of it yet. */
  public endBuilds(): void {
    this.now = this.builds.nextEnd() ?? this.now;
    this.builds.endDue();
  }

  public pass(hours: number): void {
    this.now = new Date(this.now.getTime() + hours * 3_600_000);
  }

  /** The hourly run, and all that follows from it. */
  public async reconcile(): Promise<void> {
    this.interruptions.start(this.dies);
    await reconcileDue(this.reconcileContext());
    await this.settle();
  }

  public async deliverOne(): Promise<boolean> {
    const visible = this.visible();
    if (visible.length === 0) return false;
    const [queue, message] = visible[this.pick(visible.length)]!;
    await this.deliver(queue, message);
    return true;
  }

  /** Delivers all that is visible at once, so that handlers overtake each other. */
  public async deliverTogether(): Promise<boolean> {
    const visible = this.visible();
    await Promise.all(visible.map(([queue, message]) => this.deliver(queue, message)));
    return visible.length > 0;
  }

  // ---- assert

  public row(image: ImageName): RegisterRow {
    return this.register.row(image);
  }

  public outcome(image: ImageName): 'PASS' | 'FAIL' | undefined {
    return this.row(image).verdict?.outcome;
  }

  public events(image: ImageName): ImageEvent[] {
    return this.bus.filter(({ detail }) => detail.image === image);
  }

  /** What a gate says now that pins these keys. */
  public decision(image: ImageName, ...keys: readonly VerificationKey[]): Decision {
    return decide(image, this.row(image), keys.length === 0 ? [this.signer.current] : keys, this.now);
  }

  /** Verdicts that were published, each once, as `PASS` or `FAIL changed`. */
  public verdicts(image: ImageName): string[] {
    const told = new Map<string, string>();
    for (const { detailType, detail } of this.events(image)) {
      if (detailType === 'Image Verdict') {
        told.set(detail.verdictId, `${detail.outcome}${detail.changed ? ' changed' : ''}`);
      }
    }
    return [...told.values()];
  }

  public failures(image: ImageName): string[] {
    return this.events(image).flatMap(event =>
      event.detailType === 'Image Scan Failed' ? [event.detail.cause] : [],
    );
  }

  public buildsOf(image: ImageName): number {
    return this.builds.builds.filter(build =>
      build.environment.environmentVariables?.some(({ value }) => value === image),
    ).length;
  }

  public get lost(): unknown[] {
    return this.queues.flatMap(queue => queue.dead);
  }

  public get slotsTaken(): number {
    return this.slots.takenAt(this.now);
  }

  private visible(): [AnyQueue, Message][] {
    return this.queues.flatMap(queue =>
      queue.visible().map((message): [AnyQueue, Message] => [queue, message]),
    );
  }

  private nextTime(): number {
    const times = this.queues.flatMap(queue => queue.messages.map(({ visibleAt }) => visibleAt.getTime()));
    return Math.min(...times, this.builds.nextEnd()?.getTime() ?? Infinity);
  }
}

/** The findings of a report, in another's packages. */
function findingsOf(report: any, { Results: packages }: any): any {
  const vulnerabilities = report.Results.flatMap((each: any) => each.Vulnerabilities ?? []);
  const listed = packages.filter(({ Packages }: any) => Packages !== undefined);
  return {
    ...report,
    Results: [
      ...listed.map(({ Vulnerabilities: _others, ...each }: any, at: number) =>
        at === 0 ? { ...each, Vulnerabilities: vulnerabilities } : each,
      ),
      ...report.Results.filter(({ Packages }: any) => Packages === undefined),
    ],
  };
}
