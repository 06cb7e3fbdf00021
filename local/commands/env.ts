import { CloudFormation, CloudFormationServiceException, Output } from '@aws-sdk/client-cloudformation';
import { main } from './main';
import { mustBeRunning } from './state-file';
import { CloudDescription, cloudEnvironment } from '../cloud/description';

const STACK = 'Quickstart';
const OUTPUTS = [
  'RegisterTableName',
  'FindingsTableName',
  'EvidenceBucketName',
  'AlertsTopicArn',
  'SigningKeyAlias',
];

/** For a shell: eval "$(npm run --silent local:env)" */
export async function shellExports(cloud: CloudDescription): Promise<string> {
  const variables = {
    ...cloudEnvironment(cloud),
    REGISTRY_HOST: cloud.registryHost,
    ...(await stackOutputs(cloud)),
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('');
}

/** None before the stack is deployed. */
async function stackOutputs(cloud: CloudDescription): Promise<Record<string, string>> {
  const outputs = (await outputsOf(cloud)).filter(({ OutputKey }) => OUTPUTS.includes(OutputKey!));
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue ?? '']));
}

async function outputsOf({ endpoint, region, credentials }: CloudDescription): Promise<Output[]> {
  try {
    const { Stacks: stacks } = await new CloudFormation({ endpoint, region, credentials }).describeStacks({
      StackName: STACK,
    });
    return stacks?.[0]?.Outputs ?? [];
  } catch (error) {
    if (error instanceof CloudFormationServiceException && error.name === 'ValidationError') return [];
    throw error;
  }
}

if (require.main === module) {
  main(async () => {
    process.stdout.write(await shellExports(mustBeRunning()));
  });
}
