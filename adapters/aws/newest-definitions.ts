import { BatchClient, paginateDescribeJobDefinitions } from '@aws-sdk/client-batch';
import { ECSClient, paginateListTaskDefinitions } from '@aws-sdk/client-ecs';
import { Lookups, PATIENT } from './lookups';
import { TaskDefinitions } from './task-definitions';
import { Limit } from '../../src/core/limits';
import { newestRevisions, type Definition } from '../../src/core/revocation/definitions';
import { imagesOfJob, JobProperties } from '../../src/core/running/calls';

/** The most that one answer lists. */
const PAGE = 100;

/**
 * What can be started in this account and region: of each task definition of Amazon ECS and each job
 * definition of AWS Batch, the newest ACTIVE revisions. It only reads.
 */
export class NewestDefinitions {
  constructor(
    private readonly ecs = new ECSClient(PATIENT),
    private readonly batch = new BatchClient(PATIENT),
  ) {}

  /** Whatever cannot be looked up until the signal is in `unknown`, and does not stop the rest. */
  public async list(
    signal: AbortSignal,
  ): Promise<{ readonly definitions: readonly Definition[]; readonly unknown: readonly string[] }> {
    const definitions: Definition[] = [];
    const lookups = new Lookups(signal);
    await Promise.all([
      lookups.attempt('the task definitions of Amazon ECS', () => this.tasks(definitions, signal)),
      lookups.attempt('the job definitions of AWS Batch', () => this.jobs(definitions, lookups)),
    ]);
    return { definitions, unknown: lookups.unknown };
  }

  /** One after another: deployments share the account's rate of Amazon ECS. */
  private async tasks(definitions: Definition[], signal: AbortSignal): Promise<void> {
    const arns: string[] = [];
    const pages = paginateListTaskDefinitions({ client: this.ecs, pageSize: PAGE }, { status: 'ACTIVE' });
    for await (const { taskDefinitionArns = [] } of pages) {
      signal.throwIfAborted();
      arns.push(...taskDefinitionArns);
    }
    const described = new TaskDefinitions(this.ecs);
    for (const arn of newestRevisions(arns, Limit.newestRevisions)) {
      signal.throwIfAborted();
      definitions.push({ arn, images: (await described.images(arn)) ?? [] });
    }
  }

  private async jobs(definitions: Definition[], lookups: Lookups): Promise<void> {
    const jobs = new Map<string, object>();
    const pages = paginateDescribeJobDefinitions(
      { client: this.batch, pageSize: PAGE },
      { status: 'ACTIVE' },
    );
    for await (const { jobDefinitions = [] } of pages) {
      lookups.signal.throwIfAborted();
      for (const job of jobDefinitions) jobs.set(job.jobDefinitionArn!, job);
    }
    for (const arn of newestRevisions([...jobs.keys()], Limit.newestRevisions)) {
      await lookups.attempt(`the images of ${arn}`, async () => {
        definitions.push({ arn, images: imagesOfJob(JobProperties.parse(jobs.get(arn))) });
      });
    }
  }
}
