import { AwsClients, Credentials } from './aws-clients';

export interface Administrator extends Credentials {
  readonly userName: string;
}

/** Random keys of this run. MiniStack verifies their signatures, but not those of its root key. */
export async function createAdministrator({ iam }: AwsClients): Promise<Administrator> {
  const UserName = 'administrator';
  await iam.createUser({ UserName });
  await iam.attachUserPolicy({ UserName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
  const { AccessKey } = await iam.createAccessKey({ UserName });
  return {
    userName: UserName,
    accessKeyId: AccessKey!.AccessKeyId!,
    secretAccessKey: AccessKey!.SecretAccessKey!,
  };
}
