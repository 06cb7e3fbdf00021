import {
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
} from '@aws-sdk/client-ecs';

/** What Amazon ECS says of a revision of a service, in the account and region of the gate. */
export class EcsRevisions {
  constructor(private readonly client = new ECSClient({})) {}

  public async describeRevision(revisionArn: string): Promise<unknown> {
    return this.client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revisionArn] }));
  }

  public async describeTaskDefinition(taskDefinition: string): Promise<unknown> {
    const { taskDefinition: found } = await this.client.send(
      new DescribeTaskDefinitionCommand({ taskDefinition }),
    );
    return found;
  }
}
