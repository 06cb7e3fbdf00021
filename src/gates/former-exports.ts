import { Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { OwnTrust } from './own-access';
import type { GrantsStore } from '../break-glass/grants-store';
import { topLevel } from '../trust/stacks';

/**
 * Keeps what stacks of an earlier version import of a trust: their images asked a gate of their own stack.
 * CloudFormation refuses the deployment of the trust if an export goes that another stack uses, and those
 * stacks are deployed after it (0049).
 *
 * @internal
 */
export function keepFormerExports(trust: OwnTrust): void {
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
  keep(trust, named);
  signer._keepOutputs();
}

/**
 * The same of what only the whole app shows: break-glass, which was always there, and repositories that the
 * stack of the trust makes.
 *
 * @internal
 */
export function keepLaterExports(trust: OwnTrust, grants: GrantsStore | undefined): void {
  const { tokens } = Tokenization.reverseString(trust.scanner._enrolmentNow());
  keep(trust, [...namesOf(grants), ...tokens.map(token => Token.asString(token))]);
}

function namesOf(grants: GrantsStore | undefined): string[] {
  if (grants === undefined) return [];
  const { table, _messages: messages } = grants;
  return [table.tableArn, table.tableName, messages.queueArn, messages.queueUrl];
}

/** The parts of a trust may be in several stacks. */
function keep(trust: OwnTrust, values: readonly string[]): void {
  const { register, policies, scanner, evidence, alerts } = trust;
  const stacks = new Set([trust, register, policies, scanner, evidence, alerts].map(each => Stack.of(each)));
  for (const stack of stacks) {
    // the exports of a nested stack would be its parent's: an app in one asks from the parent, or imports
    if (topLevel(stack) !== stack) continue;
    for (const value of values) if (isOf(stack, value)) stack.exportValue(value);
  }
}

/** What is imported itself, or of another stack, this stack does not export. */
function isOf(stack: Stack, value: string): boolean {
  const token = Tokenization.reverse(value, { failConcat: false });
  return Reference.isReference(token) && Stack.of(token.target) === stack;
}
