import { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { CloudDescription } from '../cloud/description';
import type { Progress } from '../progress';
import { deployService, SERVICE } from '../quickstart';

export interface Deployment {
  readonly tag: string;
  readonly expected: 'deployed' | 'refused';
  readonly outcome: 'deployed' | 'refused' | 'failed';
  /** The text in the events of the stack. */
  readonly said: readonly string[];
}

/**
 * Deploys a vulnerable image, then the fixed one. The second deployment begins after the rollback of the
 * first.
 */
export async function runDeployments(cloud: CloudDescription, progress: Progress): Promise<Deployment[]> {
  const deployments: Deployment[] = [];
  for (const [tag, expected] of [
    ['fixable-critical', 'refused'],
    ['clean', 'deployed'],
  ] as const) {
    progress.say(`cdk deploy ${SERVICE} with team/app:${tag} …`);
    deployments.push({ tag, expected, ...(await deploy(cloud, tag)) });
    progress.say(`${deployments.at(-1)!.outcome}: ${SERVICE} with team/app:${tag}`);
  }
  return deployments;
}

async function deploy(cloud: CloudDescription, tag: string): Promise<Pick<Deployment, 'outcome' | 'said'>> {
  try {
    await deployService(cloud, tag);
    return { outcome: 'deployed', said: [] };
  } catch (error) {
    const said = await refusal(cloud);
    return said === undefined ? { outcome: 'failed', said: [String(error)] } : { outcome: 'refused', said };
  }
}

/** The answer to CloudFormation. */
async function refusal({ endpoint, region, credentials }: CloudDescription): Promise<string[] | undefined> {
  const { StackEvents = [] } = await new CloudFormation({
    endpoint,
    region,
    credentials,
  }).describeStackEvents({ StackName: SERVICE });
  const event = StackEvents.find(
    ({ ResourceType, ResourceStatus }) =>
      ResourceType === 'Custom::TrustedImage' && ResourceStatus?.endsWith('FAILED'),
  );
  const message = event?.ResourceStatusReason;
  return message?.includes('is refused') === true ? message.split('\n') : undefined;
}
