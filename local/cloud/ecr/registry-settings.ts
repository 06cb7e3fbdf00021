import { AwsClients } from '../aws-clients';
import { Template } from '../cloudformation/template';
import { stackResources } from '../stack-resources';

/** Public repositories lie in the embedded registry under their own names. */
const PUBLIC_REGISTRY = 'public.ecr.aws';

export interface PullThroughRule {
  readonly prefix: string;
  readonly upstreamUrl: string;
}

/** Where a repository is pulled from, and its name there. */
export interface Cache {
  readonly rule: PullThroughRule;
  readonly upstream: string;
}

/** What templates declare of the whole registry, by the name of the stack. MiniStack does not know it. */
export class RegistrySettings {
  private readonly templates = new Map<string, Template>();

  constructor(private readonly aws: Pick<AwsClients, 'cloudformation'>) {}

  public learn(stack: string, template: Template): void {
    this.templates.set(nameOf(stack), template);
  }

  public forget(stack: string): void {
    this.templates.delete(nameOf(stack));
  }

  public cacheOf(repository: string): Cache | undefined {
    const rule = this.rules().find(({ prefix }) => repository.startsWith(`${prefix}/`));
    return rule && { rule, upstream: repository.slice(rule.prefix.length + 1) };
  }

  /** Whether pulls by a role leave the pull time of an image as it is. */
  public async isExcluded(role: string): Promise<boolean> {
    for (const [StackName, { Resources = {} }] of this.templates) {
      const roles = Object.values(Resources)
        .filter(({ Type }) => Type === 'AWS::ECR::PullTimeUpdateExclusion')
        .map(
          ({ Properties }) => (Properties?.PrincipalArn as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt']?.[0],
        );
      if (roles.length === 0) continue;
      const isIt = (await stackResources(this.aws, StackName)).some(
        ({ LogicalResourceId, PhysicalResourceId }) =>
          roles.includes(LogicalResourceId) && PhysicalResourceId === role,
      );
      if (isIt) return true;
    }
    return false;
  }

  private rules(): PullThroughRule[] {
    return [...this.templates.values()]
      .flatMap(({ Resources = {} }) => Object.values(Resources))
      .filter(({ Type }) => Type === 'AWS::ECR::PullThroughCacheRule')
      .map(({ Properties }) => ({
        prefix: String(Properties?.EcrRepositoryPrefix),
        upstreamUrl: String(Properties?.UpstreamRegistryUrl),
      }))
      .filter(({ upstreamUrl }) => upstreamUrl === PUBLIC_REGISTRY);
  }
}

/** Stacks are named by their ARN too. */
function nameOf(stack: string): string {
  return stack.startsWith('arn:') ? stack.split('/')[1] : stack;
}
