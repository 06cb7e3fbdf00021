import { Stack } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { NetworkOptions } from './network';

const ID = 'SecurityGroup';

/**
 * The network with one security group for all that is made within a scope, where its user names none: AWS CDK
 * makes one for each function and project. Lambda has one set of network interfaces for each combination of
 * security groups and subnet, and takes minutes to remove each.
 *
 * @internal
 */
export function inOneGroup(
  scope: Construct,
  network: NetworkOptions | undefined,
): NetworkOptions | undefined {
  if (network === undefined || (network.securityGroups ?? []).length > 0) return network;
  const group =
    (scope.node.tryFindChild(ID) as SecurityGroup | undefined) ??
    new SecurityGroup(scope, ID, {
      vpc: network.vpc,
      // fixed: EC2 replaces a group whose description changes
      description: 'Builds and functions of cdk-trusted-images, to which nothing connects',
    });
  return { ...network, securityGroups: [group] };
}

/**
 * The network of a gate. The gates of one stack share a security group, and that of another stack, or of the
 * trust, is not theirs: it would be an export that holds both stacks.
 *
 * @internal
 */
export function ofGates(gate: Construct, network: NetworkOptions | undefined): NetworkOptions | undefined {
  if (network === undefined) return undefined;
  const stack = Stack.of(gate);
  const id = `TrustedImagesGates-${network.vpc.node.addr.slice(-8)}`;
  return inOneGroup(
    (stack.node.tryFindChild(id) as Construct | undefined) ?? new Construct(stack, id),
    network,
  );
}
