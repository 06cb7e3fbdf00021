import { Administrator } from './administrator';
import { AwsClients } from './aws-clients';
import { Route } from './gateway/route';

/**
 * Which role a session is of: there is no way to ask for the owner of a session's key, so each is noted when
 * it is given out through the gateway.
 */
export class Sessions {
  private readonly roles = new Map<string, string>();

  constructor(
    private readonly administrator: Administrator,
    private readonly aws: AwsClients,
  ) {}

  /** Notes who assumes which role. */
  public readonly route: Route = async call => {
    if (call.service !== 'sts' || (await call.operation()) !== 'AssumeRole') return undefined;
    const role = (await call.form()).get('RoleArn');
    const answer = await call.forward();
    const [, key] = /<AccessKeyId>(\w+)<\/AccessKeyId>/.exec(answer.body.toString()) ?? [];
    if (role !== null && key !== undefined) this.roles.set(key, role);
    return answer;
  };

  /** Why a caller may not do what MiniStack does not know; undefined if they may. */
  public async refusal(
    accessKeyId: string | undefined,
    action: string,
    resource: string,
  ): Promise<string | undefined> {
    if (accessKeyId === this.administrator.accessKeyId) return undefined;
    const role = this.roles.get(accessKeyId ?? '');
    if (role !== undefined) {
      const { EvaluationResults: results = [] } = await this.aws.iam.simulatePrincipalPolicy({
        PolicySourceArn: role,
        ActionNames: [action],
        ResourceArns: [resource],
      });
      if (results[0]?.EvalDecision === 'allowed') return undefined;
    }
    return `User: ${role ?? 'unknown'} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  }
}
