import type { AwsClients } from './aws-clients';
import { callingFunction } from './codebuild/initiator';

/**
 * By which role a build or a function pulls: Amazon ECR asks for the rights of that role, and notes its
 * pulls. `Sessions` knows who else calls, and with which rights.
 */
export class Pullers {
  private readonly roles = new Map<string, string>();

  constructor(private readonly aws: Pick<AwsClients, 'lambda'>) {}

  public learn(accessKeyId: string, roleArn: string): void {
    this.roles.set(accessKeyId, nameOf(roleArn));
  }

  /** The name of the role; undefined for anybody without one, who may do everything here. */
  public async roleOf(accessKeyId: string | undefined): Promise<string | undefined> {
    if (accessKeyId === undefined) return undefined;
    const known = this.roles.get(accessKeyId);
    if (known !== undefined) return known;
    const caller = await callingFunction(accessKeyId, this.aws);
    return caller && nameOf(caller.Role!);
  }
}

function nameOf(roleArn: string): string {
  return roleArn.split('/').at(-1)!;
}
