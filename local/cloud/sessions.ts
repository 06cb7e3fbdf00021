import { ForeignCall } from './accounts/resource-policy';
import { Administrator } from './administrator';
import { AwsClients, Credentials } from './aws-clients';
import { callingFunction } from './codebuild/initiator';
import { Route } from './gateway/route';
import { mayWithKeys } from './lambda/identity-policies';
import { mayPrincipal } from './rights';

/** Somebody with a key that the gateway saw. */
export interface Caller extends Credentials {
  /** As AWS names them: a user, or the session of a role. */
  readonly arn: string;
  /** Whose policies count. */
  readonly principal: string;
}

/**
 * Who calls what only the gateway answers, and with which rights: there is no way to ask for the owner of a
 * session's key, so each is noted when it is given out through the gateway.
 */
export class Sessions {
  private readonly callers = new Map<string, Caller>();

  constructor(
    private readonly administrator: Administrator,
    private readonly aws: AwsClients,
    private readonly account: string,
  ) {
    const arn = `arn:aws:iam::${account}:user/${administrator.userName}`;
    this.callers.set(administrator.accessKeyId, { ...administrator, arn, principal: arn });
  }

  /** Notes who assumes which role. */
  public readonly route: Route = async call => {
    if (call.service !== 'sts' || (await call.operation()) !== 'AssumeRole') return undefined;
    const principal = (await call.form()).get('RoleArn');
    const answer = await call.forward();
    const text = answer.body.toString();
    const value = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
    const [accessKeyId, secretAccessKey] = [value('AccessKeyId'), value('SecretAccessKey')];
    const [sessionToken, arn] = [value('SessionToken'), value('Arn')];
    if (principal && accessKeyId && secretAccessKey && sessionToken && arn) {
      this.callers.set(accessKeyId, { accessKeyId, secretAccessKey, sessionToken, arn, principal });
    }
    return answer;
  };

  public caller(accessKeyId: string | undefined): Caller | undefined {
    return this.callers.get(accessKeyId ?? '');
  }

  /** Why a caller may not do what MiniStack does not know; undefined if they may. */
  public async refusal(
    accessKeyId: string | undefined,
    action: string,
    resource: string,
    aws = this.aws,
  ): Promise<string | undefined> {
    return this.unless(accessKeyId, action, aws, role => mayPrincipal(role, action, resource, aws));
  }

  /** The same, where policies have conditions on keys of the service. */
  public async refusalWithKeys(
    accessKeyId: string | undefined,
    { action, keys }: Pick<ForeignCall, 'action' | 'keys'>,
    resource: string,
  ): Promise<string | undefined> {
    const { account, aws } = this;
    const call = { account, action, keys };
    return this.unless(accessKeyId, action, aws, role => mayWithKeys(role, resource, call, aws));
  }

  private async unless(
    accessKeyId: string | undefined,
    action: string,
    aws: AwsClients,
    may: (principal: string) => Promise<boolean>,
  ): Promise<string | undefined> {
    if (accessKeyId === this.administrator.accessKeyId) return undefined;
    const role = this.caller(accessKeyId)?.principal ?? (await callingFunction(accessKeyId, aws))?.Role;
    if (role !== undefined && (await may(role))) return undefined;
    return `User: ${role ?? 'unknown'} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
  }
}
