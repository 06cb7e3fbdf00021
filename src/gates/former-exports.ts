import { Reference, Stack, Tokenization } from 'aws-cdk-lib';
import type { HasBreakGlass, OwnTrust } from './own-access';
import { topLevel } from '../trust/stacks';

/**
 * Keeps what stacks of an earlier version import of a trust: their images asked a gate of their own stack.
 * CloudFormation refuses the deployment of the trust if an export goes that another stack uses, and those
 * stacks are deployed after it (0049).
 *
 * @internal
 */
export function keepFormerExports(trust: OwnTrust, emergency: HasBreakGlass): void {
  const stack = Stack.of(trust);
  // the exports of a nested stack would be its parent's: an app in one asks from the parent, or by an import
  if (topLevel(trust) !== stack) return;
  const { register, policies, scanner, signer, evidence, alerts, network } = trust;
  const named = [
    register.table.tableArn,
    register.table.tableName,
    policies.table.tableArn,
    policies.table.tableName,
    scanner.requests.queueArn,
    scanner.requests.queueUrl,
    evidence.bucket.bucketName,
    ...alerts._topics.flatMap(({ topicArn, masterKey }) => [topicArn, masterKey?.keyArn ?? '']),
    ...(network === undefined
      ? []
      : [
          network.vpc.vpcId,
          ...network.vpc.selectSubnets(network.vpcSubnets).subnetIds,
          ...(network.securityGroups ?? []).map(({ securityGroupId }) => securityGroupId),
        ]),
  ];
  const keep = (values: readonly string[]) => {
    for (const value of values) if (isOf(stack, value)) stack.exportValue(value);
  };
  keep(named);
  emergency._whenBreakGlass(({ table, _messages: { queueArn, queueUrl } }) =>
    keep([table.tableArn, table.tableName, queueArn, queueUrl]),
  );
  signer._keepOutputs();
}

/** What is imported itself, or of another stack, this stack does not export. */
function isOf(stack: Stack, value: string): boolean {
  const token = Tokenization.reverse(value, { failConcat: false });
  return Reference.isReference(token) && Stack.of(token.target) === stack;
}
