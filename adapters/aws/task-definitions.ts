import { DescribeTaskDefinitionCommand, ECSClient, ECSServiceException } from '@aws-sdk/client-ecs';
import type { NamedImage } from '../../src/core/running/sighting';

/** The images of task definitions of Amazon ECS, for what looks at all that runs or can be started. */
export class TaskDefinitions {
  constructor(private readonly client = new ECSClient({})) {}

  /** The images of all its containers. `undefined`: it was deleted. */
  public async images(taskDefinition: string): Promise<readonly NamedImage[] | undefined> {
    try {
      const answer = await this.client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      return (answer.taskDefinition?.containerDefinitions ?? []).map(({ name, image }) => {
        if (image === undefined || image === '') {
          throw new Error(`the container ${name} of the task definition ${taskDefinition} has no image`);
        }
        return { reference: image };
      });
    } catch (error) {
      // ECS has one name for all wrong requests
      const isGone =
        error instanceof ECSServiceException &&
        error.name === 'ClientException' &&
        /unable to describe task definition/i.test(error.message);
      if (isGone) return undefined;
      throw error;
    }
  }
}
