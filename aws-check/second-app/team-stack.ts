import { Stack, type CfnLambdaHook } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  CfnCluster,
  Cluster,
  DeploymentStrategy,
  Ec2Service,
  Ec2TaskDefinition,
  type ICluster,
} from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { secondNames, type SecondApp } from './names';
import { CloudFormationGate, EcsDeploymentGate, Enforcement, ImageTrust, TrustedImage } from '../../src';

/**
 * What a team deploys that imports the trust by the outputs of its stack: an image, the gate of
 * CloudFormation, and a service behind the gate of Amazon ECS.
 */
export function teamStack(scope: Construct, { id, tag }: SecondApp): Stack {
  const names = secondNames(id);
  const stack = new Stack(scope, names.team);
  const trust = ImageTrust.fromStackName(stack, 'Trust', { stackName: names.platform });
  const image = TrustedImage.fromTag(stack, 'Image', {
    trust,
    repository: Repository.fromRepositoryName(stack, 'Repository', names.repository),
    tag,
  });
  const hooks = new CloudFormationGate(stack, 'CloudFormation', { trust, enforcement: Enforcement.refuse() });
  askOnlyAbout(hooks, names.hooked);

  const definition = new Ec2TaskDefinition(stack, 'Definition', { family: names.ecs });
  definition.addContainer('App', { image: image.toEcsImage(), memoryLimitMiB: 64 });
  const service = new Ec2Service(stack, 'Service', {
    serviceName: names.ecs,
    cluster: emptyCluster(stack, names.ecs),
    taskDefinition: definition,
    desiredCount: 0, // nothing runs and nothing is paid: the hook is asked for each deployment all the same
    deploymentStrategy: DeploymentStrategy.BLUE_GREEN,
  });
  new EcsDeploymentGate(stack, 'Ecs', { trust }).guard(service);
  return stack;
}

/**
 * CloudFormation asks a hook for every stack of the account, and others may have stacks there. Cloud Control
 * ignores the filters of stacks, so its hook is made and stays off.
 */
function askOnlyAbout(gate: CloudFormationGate, stackName: string): void {
  const hook = (id: string) => gate.node.findChild(id) as CfnLambdaHook;
  hook('Hook').addPropertyOverride('StackFilters.StackNames', { Include: [stackName] });
  hook('CloudControl').addPropertyOverride('HookStatus', 'DISABLED');
}

/** Without machines and without a network, which a service without tasks does not need. */
function emptyCluster(stack: Stack, clusterName: string): ICluster {
  const { ref } = new CfnCluster(stack, 'Cluster', { clusterName });
  const vpc = Vpc.fromVpcAttributes(stack, 'NoVpc', { vpcId: 'none', availabilityZones: ['none'] });
  return Cluster.fromClusterAttributes(stack, 'NamedCluster', {
    clusterName: ref,
    vpc,
    hasEc2Capacity: true,
  });
}
