import { letsIn, type ForeignCall, type ResourcePolicy } from '../accounts/resource-policy';
import type { AwsClients } from '../aws-clients';
import { matchesWildcard } from '../glob';

interface Statement {
  readonly Resource?: string | readonly string[];
}

/**
 * Whether the policies of a role or a user allow a call, with the values of condition keys: MiniStack's
 * simulation of policies knows none. Boundaries and groups do not count.
 *
 * @param principal its ARN
 */
export async function mayWithKeys(
  principal: string,
  resource: string,
  call: ForeignCall,
  { iam }: Pick<AwsClients, 'iam'>,
): Promise<boolean> {
  const documents = await policiesOf(principal, iam);
  const statements = documents.flatMap(text =>
    [(JSON.parse(text) as { Statement: Statement[] }).Statement].flat(),
  );
  const ofResource = statements.filter(({ Resource = [] }) =>
    [Resource].flat().some(each => matchesWildcard(each, resource)),
  );
  const ofPrincipal = ofResource.map(statement => ({ ...statement, Principal: '*' }));
  return letsIn({ Statement: ofPrincipal } as unknown as ResourcePolicy, call);
}

async function policiesOf(principal: string, iam: AwsClients['iam']): Promise<string[]> {
  const name = principal.split('/').at(-1)!;
  const isUser = principal.includes(':user/');
  const [UserName, RoleName] = [name, name];
  const { PolicyNames = [] } = isUser
    ? await iam.listUserPolicies({ UserName })
    : await iam.listRolePolicies({ RoleName });
  const { AttachedPolicies = [] } = isUser
    ? await iam.listAttachedUserPolicies({ UserName })
    : await iam.listAttachedRolePolicies({ RoleName });
  const documents = await Promise.all([
    ...PolicyNames.map(async PolicyName => {
      const { PolicyDocument } = isUser
        ? await iam.getUserPolicy({ UserName, PolicyName })
        : await iam.getRolePolicy({ RoleName, PolicyName });
      return PolicyDocument;
    }),
    ...AttachedPolicies.map(async ({ PolicyArn }) => {
      const { Policy } = await iam.getPolicy({ PolicyArn });
      const { PolicyVersion } = await iam.getPolicyVersion({
        PolicyArn,
        VersionId: Policy!.DefaultVersionId!,
      });
      return PolicyVersion?.Document;
    }),
  ]);
  return documents.filter(each => each !== undefined).map(decodeURIComponent);
}
