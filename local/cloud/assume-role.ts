import { setTimeout as sleep } from 'node:timers/promises';
import { awsClients, type AwsClients, type Credentials } from './aws-clients';
import type { CloudDescription } from './description';

const SID = 'Check';
/** IAM takes seconds until every part of AWS has heard of a change. */
const PATIENCE = 120_000;

interface TrustPolicy {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid?: string }[];
}

/**
 * The session of a role that trusts a service only: first its trust policy is made to let its account in. For
 * roles of stacks that are about to be deleted.
 */
export async function sessionOf(
  cloud: CloudDescription,
  { iam, sts }: Pick<AwsClients, 'iam' | 'sts'>,
  RoleName: string,
): Promise<Credentials> {
  const { Role } = await iam.getRole({ RoleName });
  const policy = JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)) as TrustPolicy;
  if (!policy.Statement.some(({ Sid }) => Sid === SID)) {
    const us = {
      Sid: SID,
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${cloud.account}:root` },
      Action: 'sts:AssumeRole',
    };
    await iam.updateAssumeRolePolicy({
      RoleName,
      PolicyDocument: JSON.stringify({ ...policy, Statement: [...policy.Statement, us] }),
    });
  }
  const request = { RoleArn: Role!.Arn!, RoleSessionName: 'check' };
  for (const end = Date.now() + PATIENCE; ; await sleep(1000)) {
    try {
      const { Credentials } = await sts.assumeRole(request);
      return {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      };
    } catch (error) {
      if (!/AccessDenied/.test((error as Error).name) || Date.now() > end) throw error;
    }
  }
}

export async function clientsAs(
  cloud: CloudDescription,
  aws: Pick<AwsClients, 'iam' | 'sts'>,
  roleName: string,
): Promise<AwsClients> {
  const { endpoint, region } = cloud;
  return awsClients({ endpoint, region, credentials: await sessionOf(cloud, aws, roleName) });
}
