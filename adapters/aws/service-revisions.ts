import {
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ecs';

/**
 * What Amazon ECS says of a revision of a service, in the account and region of the gate, as it says it: the
 * gate reads it strictly. For the images alone of whatever runs, there is `TaskDefinitions`.
 */
export class ServiceRevisions {
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

  /** The stack that a service belongs to. CloudFormation writes that tag, and nobody else may. */
  public async stackOf(serviceArn: string): Promise<string | undefined> {
    const { tags } = await this.client.send(new ListTagsForResourceCommand({ resourceArn: serviceArn }));
    return tags?.find(({ key }) => key === 'aws:cloudformation:stack-id')?.value;
  }
}
