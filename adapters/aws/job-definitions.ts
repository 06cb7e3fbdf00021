import { BatchClient, DescribeJobDefinitionsCommand } from '@aws-sdk/client-batch';
import { imagesOfJob, JobProperties } from '../../src/core/running/calls';
import type { NamedImage } from '../../src/core/running/sighting';

/** The job definitions of AWS Batch. */
export class JobDefinitions {
  constructor(private readonly client = new BatchClient({})) {}

  /** The images of a definition, by its ARN, its name, or `name:revision`. `undefined`: it was deleted. */
  public async images(name: string): Promise<readonly NamedImage[] | undefined> {
    const isRevision = /:\d+$/.test(name);
    const { jobDefinitions = [] } = await this.client.send(
      new DescribeJobDefinitionsCommand(
        isRevision
          ? { jobDefinitions: [name] }
          : { jobDefinitionName: name.split('/').at(-1), status: 'ACTIVE' },
      ),
    );
    const newest = [...jobDefinitions].sort((one, other) => other.revision! - one.revision!)[0];
    return newest && imagesOfJob(JobProperties.parse(newest));
  }
}
