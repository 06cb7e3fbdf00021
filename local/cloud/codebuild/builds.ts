import { StartBuildInput } from '@aws-sdk/client-codebuild';
import { Answer, errorAnswer, jsonAnswer, parseJson } from '../gateway/answer';
import { messageOf } from '../say';
import { templateProperties } from '../template-properties';
import { BuildOrigin, buildRecord, effectiveArtifacts } from './build-record';
import { execute, ExecutionPorts } from './execute';
import { RunningBuild } from './running-build';
import { BuildRecord, StartBuildRequest, WireProject } from './wire';

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html#CodeBuild-StartBuild-request-idempotencyToken */
const TOKEN_LIFE = 5 * 60_000;

export interface BuildLimits {
  readonly maxConcurrent: number;
  readonly maxQueued: number;
}

export interface BuildsOptions extends ExecutionPorts {
  readonly account: string;
  readonly limits: BuildLimits;
}

/**
 * The builds of the account: MiniStack keeps the projects and gives out ids; here they are queued and run.
 */
export class Builds {
  private limits: BuildLimits;
  private readonly all = new Map<string, RunningBuild>();
  private readonly tokens = new Map<string, { id: string; at: number; request: string }>();
  private readonly queue: RunningBuild[] = [];
  private readonly running = new Map<RunningBuild, Promise<void>>();
  /** Requests that MiniStack is authorising: they count, because many at once would exceed the limit. */
  private arriving = 0;

  constructor(private readonly options: BuildsOptions) {
    this.limits = options.limits;
  }

  /** Takes effect at once. Running builds are not stopped. */
  public limit(limits: Partial<BuildLimits>): BuildLimits {
    this.limits = { ...this.limits, ...limits };
    this.runNext();
    return this.limits;
  }

  /** How many builds run at once. */
  public get quota(): number {
    return this.limits.maxConcurrent;
  }

  public record(id: string): BuildRecord | undefined {
    return this.all.get(id)?.record;
  }

  /** `accept` lets MiniStack authorise the caller and make the build's id. */
  public async start(
    request: StartBuildRequest,
    initiator: () => Promise<string>,
    accept: () => Promise<Answer>,
  ): Promise<Answer> {
    const earlier = this.earlier(request);
    if (earlier !== undefined) return earlier;
    if (this.isFull) {
      return errorAnswer(
        'AccountLimitExceededException',
        `Cannot have more than ${this.limits.maxConcurrent + this.limits.maxQueued} builds in queue for the account`,
      );
    }
    this.arriving++;
    try {
      const accepted = await accept();
      if (accepted.status !== 200) return accepted;
      const { build: base } = parseJson<{ build: BuildOrigin['base'] }>(accepted);
      return this.enqueue(await this.origin(base, request, await initiator()));
    } finally {
      this.arriving--;
    }
  }

  /** For callers inside the cloud, whom AWS authorises by a role of their own. */
  public async startAsRoot(request: StartBuildInput, initiator: string): Promise<void> {
    const { codebuild } = this.options.aws;
    const answer = await this.start(
      { ...request, projectName: request.projectName! },
      async () => initiator,
      async () =>
        jsonAnswer(200, { build: (await codebuild.startBuild({ projectName: request.projectName })).build }),
    );
    if (answer.status !== 200) throw new Error(parseJson<{ message: string }>(answer).message);
  }

  public stop(id: string): BuildRecord | undefined {
    const build = this.all.get(id);
    build?.interrupt('STOPPED');
    return build?.record;
  }

  /** Resolves when all have sent their last event. */
  public async stopAll(): Promise<void> {
    this.queue.length = 0;
    for (const build of this.running.keys()) build.interrupt('STOPPED');
    await Promise.all(this.running.values());
  }

  private get isFull(): boolean {
    return (
      this.arriving + this.queue.length + this.running.size >=
      this.limits.maxConcurrent + this.limits.maxQueued
    );
  }

  private enqueue(origin: BuildOrigin): Answer {
    const { request } = origin;
    const build = new RunningBuild(buildRecord(origin), effectiveArtifacts(origin));
    const { id } = build.record;
    this.all.set(id, build);
    if (request.idempotencyToken !== undefined) {
      this.tokens.set(tokenOf(request), { id, at: Date.now(), request: JSON.stringify(request) });
    }
    this.queue.push(build);
    const answer = jsonAnswer(200, { build: build.record }); // before it starts: it says QUEUED
    this.runNext();
    return answer;
  }

  private earlier(request: StartBuildRequest): Answer | undefined {
    const held = request.idempotencyToken === undefined ? undefined : this.tokens.get(tokenOf(request));
    if (held === undefined || held.at < Date.now() - TOKEN_LIFE) return undefined;
    return held.request === JSON.stringify(request)
      ? jsonAnswer(200, { build: this.record(held.id) })
      : errorAnswer('InvalidInputException', 'The idempotency token was used before, with other parameters');
  }

  private async origin(
    base: BuildOrigin['base'],
    request: StartBuildRequest,
    initiator: string,
  ): Promise<BuildOrigin> {
    const { aws, region, account } = this.options;
    return {
      base,
      request,
      initiator,
      region,
      account,
      project: await this.project(request.projectName),
      declared: await templateProperties(aws, 'AWS::CodeBuild::Project', request.projectName),
    };
  }

  private async project(name: string): Promise<WireProject> {
    const { projects = [] } = await this.options.aws.codebuild.batchGetProjects({ names: [name] });
    return { ...projects[0], name };
  }

  private runNext(): void {
    while (this.queue.length > 0 && this.running.size < this.limits.maxConcurrent) {
      const build = this.queue.shift()!;
      build.close(build.record.phases.at(-1)!, 'SUCCEEDED'); // it was queued
      const done = execute(build, this.options)
        .catch((error: unknown) => this.options.say(`build ${build.record.id} crashed: ${messageOf(error)}`))
        .finally(() => {
          this.running.delete(build);
          this.runNext();
        });
      this.running.set(build, done);
    }
  }
}

function tokenOf({ projectName, idempotencyToken }: StartBuildRequest): string {
  return `${projectName}/${idempotencyToken}`;
}
