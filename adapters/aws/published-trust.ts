import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { there } from './asked-trust';
import { EnvironmentName } from '../../src/core/environment';
import { outputName, parameterName, type PublishedPart } from '../../src/core/sharing/contract';
import type { PublishedTrust } from '../../src/core/sharing/why-not-asked';

/**
 * What the trust of a gate says now, so that neither a new key nor a new repository needs a deployment of the
 * gate. Rejects if it cannot be read: nobody knows then which keys to believe.
 */
export async function publishedTrust(): Promise<PublishedTrust> {
  const { [EnvironmentName.trustOutputs]: stackName, [EnvironmentName.trustParameters]: publishedAs } =
    process.env;
  if (stackName !== undefined) return fromOutputs(stackName);
  if (publishedAs !== undefined) return fromParameters(publishedAs);
  return {
    schemaVersion: process.env[EnvironmentName.trustSchemaVersion],
    repositories: process.env[EnvironmentName.repositories],
  };
}

async function fromOutputs(StackName: string): Promise<PublishedTrust> {
  const { Stacks } = await new CloudFormationClient(there).send(new DescribeStacksCommand({ StackName }));
  const outputs = new Map(
    Stacks?.[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
  const part = (name: PublishedPart) => outputs.get(outputName(name));
  const pinnedKeys = part('signingKeys');
  if (pinnedKeys === undefined) {
    throw new Error(
      `the stack ${StackName} has no output ${outputName('signingKeys')}: its trust is not published, set publishedAs there`,
    );
  }
  return { schemaVersion: part('schemaVersion'), repositories: part('repositories'), pinnedKeys };
}

async function fromParameters(publishedAs: string): Promise<PublishedTrust> {
  const client = new SSMClient(there);
  const [schemaVersion, repositories] = await Promise.all(
    (['schemaVersion', 'repositories'] as const).map(part =>
      valueOf(parameterName(publishedAs, part), client),
    ),
  );
  return { schemaVersion, repositories };
}

async function valueOf(Name: string, client: SSMClient): Promise<string | undefined> {
  try {
    return (await client.send(new GetParameterCommand({ Name }))).Parameter?.Value;
  } catch (error) {
    if (!(error instanceof ParameterNotFound)) throw error;
    throw new Error(
      `there is no parameter ${Name} in this account and region: its trust is not published, set publishedAs there`,
    );
  }
}
