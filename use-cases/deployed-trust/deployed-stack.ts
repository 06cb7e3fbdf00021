import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { DeployedFacts, DeployedResource } from './template-values';
import type { ClientOptions } from '../../adapters/aws/client-options';
import { parseJson } from '../../src/core/text/json';

export interface StackDescription {
  /** `arn:<partition>:cloudformation:<region>:<account>:stack/…` */
  readonly arn: string;
  readonly status: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
}

/** A deployed stack, as CloudFormation tells. */
export interface StackReader {
  /** Undefined where there is none of that name. */
  describe(name: string): Promise<StackDescription | undefined>;
  template(name: string): Promise<unknown>;
  resources(name: string): Promise<DeployedFacts['resources']>;
}

/**
 * DescribeStackResources answers no more than 100 resources, and a trust has more: they are listed, page by
 * page.
 */
export class CloudFormationStacks implements StackReader {
  private readonly client: CloudFormationClient;

  constructor(options: ClientOptions) {
    this.client = new CloudFormationClient(options);
  }

  public async describe(name: string): Promise<StackDescription | undefined> {
    try {
      const { Stacks } = await this.client.send(new DescribeStacksCommand({ StackName: name }));
      const [stack] = Stacks ?? [];
      if (stack === undefined) return undefined;
      return {
        arn: stack.StackId!,
        status: stack.StackStatus ?? 'UNKNOWN',
        parameters: new Map(
          (stack.Parameters ?? []).map(parameter => [
            parameter.ParameterKey!,
            parameter.ResolvedValue ?? parameter.ParameterValue ?? '',
          ]),
        ),
        outputs: new Map(
          (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue ?? '']),
        ),
      };
    } catch (error) {
      if (
        error instanceof Error &&
        error.name === 'ValidationError' &&
        error.message.includes('does not exist')
      ) {
        return undefined;
      }
      throw error;
    }
  }

  public async template(name: string): Promise<unknown> {
    const { TemplateBody } = await this.client.send(
      new GetTemplateCommand({ StackName: name, TemplateStage: 'Processed' }),
    );
    return parseJson(TemplateBody ?? '');
  }

  public async resources(name: string): Promise<DeployedFacts['resources']> {
    const resources = new Map<string, DeployedResource>();
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client: this.client },
      { StackName: name },
    )) {
      for (const each of StackResourceSummaries) {
        if (each.PhysicalResourceId === undefined) continue;
        resources.set(each.LogicalResourceId!, {
          type: each.ResourceType!,
          physicalId: each.PhysicalResourceId,
          status: each.ResourceStatus,
          at: each.LastUpdatedTimestamp,
        });
      }
    }
    return resources;
  }
}
