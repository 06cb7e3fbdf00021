import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Place, Places } from '../accounts/places';
import { messageOf, Say } from '../say';

/** AWS waits longer. */
const LOOKS_AGAIN = 1000;

export interface JobRequest extends Place {
  readonly functionName: string;
  readonly userParameters: string;
}

export interface Job extends JobRequest {
  readonly id: string;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  message?: string;
  /** How often the function was invoked. */
  invocations: number;
}

/**
 * What CodePipeline does for an action that invokes a function, without the pipeline: a test starts it. The
 * function is invoked without the role of a pipeline.
 */
export class Jobs {
  private readonly jobs = new Map<string, Job>();

  constructor(
    private readonly places: Places,
    private readonly say: Say,
  ) {}

  public get all(): readonly Job[] {
    return [...this.jobs.values()];
  }

  public async start(request: JobRequest): Promise<Job> {
    const job: Job = { ...request, id: randomUUID(), status: 'InProgress', invocations: 0 };
    this.jobs.set(job.id, job);
    await this.invoke(job);
    return job;
  }

  public running(id: string): Job | undefined {
    const job = this.jobs.get(id);
    return job?.status === 'InProgress' ? job : undefined;
  }

  /** With a token, the function is invoked again. */
  public succeed(job: Job, continuationToken?: string): void {
    if (continuationToken === undefined) {
      job.status = 'Succeeded';
      return;
    }
    void sleep(LOOKS_AGAIN)
      .then(() => this.invoke(job, continuationToken))
      .catch((error: unknown) => this.say(`codepipeline: job ${job.id}: ${messageOf(error)}`));
  }

  public fail(job: Job, message: string): void {
    Object.assign(job, { status: 'Failed', message });
  }

  /** With the documented event. */
  private async invoke(job: Job, continuationToken?: string): Promise<void> {
    const { id, account, functionName, userParameters } = job;
    job.invocations++;
    const event = {
      'CodePipeline.job': {
        id,
        accountId: account,
        data: {
          actionConfiguration: {
            configuration: { FunctionName: functionName, UserParameters: userParameters },
          },
          inputArtifacts: [],
          outputArtifacts: [],
          artifactCredentials: {
            accessKeyId: 'emulated',
            secretAccessKey: 'emulated',
            sessionToken: 'emulated',
          },
          ...(continuationToken !== undefined && { continuationToken }),
        },
      },
    };
    await this.places.in(job).lambda.invoke({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    });
  }
}
