import { BatchClient, paginateDescribeJobDefinitions, type JobDefinition } from '@aws-sdk/client-batch';
import { imagesOfJob, JobProperties } from '../../src/core/running/calls';
import type { NamedImage } from '../../src/core/running/sighting';

/** The job definitions of AWS Batch. */
export class JobDefinitions {
  constructor(private readonly client = new BatchClient({})) {}

  /** The images of a definition, by its ARN, its name, or `name:revision`. `undefined`: it was deleted. */
  public async images(name: string): Promise<readonly NamedImage[] | undefined> {
    const isRevision = /:\d+$/.test(name);
    const found: JobDefinition[] = [];
    for await (const { jobDefinitions = [] } of paginateDescribeJobDefinitions(
      { client: this.client },
      isRevision
        ? { jobDefinitions: [name] }
        : { jobDefinitionName: name.split('/').at(-1), status: 'ACTIVE' },
    )) {
      found.push(...jobDefinitions);
    }
    const [newest] = found.sort((one, other) => other.revision! - one.revision!);
    return newest && imagesOfJob(JobProperties.parse(newest));
  }
}
