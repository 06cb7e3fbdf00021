import { FunctionConfiguration, paginateListFunctions } from '@aws-sdk/client-lambda';
import { sha256Of } from '../../../src/core/text/sha256';
import { Administrator } from '../administrator';
import { AwsClients } from '../aws-clients';

/**
 * Who started a build, as CodeBuild names them: an IAM user by name, an assumed role as `role/session`. There
 * is no way to ask for the owner of a session's key, but those of Lambda functions are made from the function
 * and its role.
 */
export async function initiatorOf(
  accessKeyId: string | undefined,
  administrator: Administrator,
  aws: Pick<AwsClients, 'lambda'>,
): Promise<string> {
  if (accessKeyId === administrator.accessKeyId) return administrator.userName;
  const caller = await callingFunction(accessKeyId, aws);
  return caller === undefined ? 'assumed-role' : `${caller.Role!.split('/').at(-1)}/${caller.FunctionName}`;
}

/** The function that has an access key. */
export async function callingFunction(
  accessKeyId: string | undefined,
  { lambda }: Pick<AwsClients, 'lambda'>,
): Promise<FunctionConfiguration | undefined> {
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    const found = Functions.find(
      ({ FunctionArn, Role }) => executionKey(FunctionArn!, Role!) === accessKeyId,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** As in MiniStack's `lambda_runtime.execution_credentials`. */
function executionKey(functionArn: string, role: string): string {
  return `ASIA${sha256Of(`${functionArn}:${role}`).slice(0, 16).toUpperCase()}`;
}
