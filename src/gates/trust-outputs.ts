import { CfnOutput, Fn, Lazy, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { HasBreakGlass, OwnTrust } from './own-access';
import type { GrantsStore } from '../break-glass/grants-store';
import { sha256Of } from '../core/text/sha256';
import { topLevel } from '../trust/stacks';

/** What gates of other stacks read of a trust, by outputs of its stack. @internal */
export enum TrustOutput {
  policiesTable = 'PoliciesTable',
  policiesTableArn = 'PoliciesTableArn',
  scanRequestsArn = 'ScanRequestsArn',
  scanRequestsUrl = 'ScanRequestsUrl',
  evidenceBucket = 'EvidenceBucket',
  repositories = 'Repositories',
  alertTopics = 'AlertTopics',
  alertTopicArns = 'AlertTopicArns',
  alertKeyArns = 'AlertKeyArns',
  grantsTable = 'GrantsTable',
  grantsTableArn = 'GrantsTableArn',
  grantMessagesArn = 'GrantMessagesArn',
  grantMessagesUrl = 'GrantMessagesUrl',
}

/** What an output names when an option leaves it out: nothing has this name. */
const LEFT_OUT = 'trusted-images-left-out';

interface Told {
  /** Its stack has the output. */
  readonly part: IConstruct;
  readonly value: string;
}

/**
 * Keeps every output that gates of other stacks read, whether any does and whatever the options are. The
 * stack of a gate may roll back to a template that reads one whose option is off by then: without the output,
 * it would be stuck (0052).
 *
 * @internal
 */
export function keepTrustOutputs(trust: OwnTrust, emergency: HasBreakGlass): void {
  const told = toldOf(trust, emergency);
  for (const name of Object.values(TrustOutput)) outputOf(trust, name, told[name]);
}

/**
 * How a gate names what a trust has. In one stack directly; in another stack by an output, because
 * CloudFormation refuses to remove what is imported, and the trust is deployed before its gates.
 *
 * CloudFormation reads an output again only where a template has changed. So the template names each by a
 * hash of what the trust has there.
 *
 * @internal
 */
export function readerOf(
  trust: OwnTrust,
  emergency: HasBreakGlass,
  gate: IConstruct,
): (name: TrustOutput) => string {
  const told = toldOf(trust, emergency);
  return name => {
    const { part, value } = told[name];
    const [producer, consumer] = [topLevel(part), topLevel(gate)];
    if (producer === consumer) return value;
    consumer.addDependency(producer, `${gate.node.path} reads what its trust has`);
    const { logicalId } = outputOf(trust, name, told[name]);
    const read = Fn.getStackOutput(producer.stackName, logicalId);
    return Lazy.string({
      produce: () => {
        const revision = `r${sha256Of(JSON.stringify(Stack.of(part).resolve(value))).slice(0, 8)}`;
        return Fn.sub(`\${${revision}}`, { [revision]: read });
      },
    });
  };
}

/** Its name never changes: it follows from the register, which no option replaces. */
function outputOf({ register }: OwnTrust, name: TrustOutput, { part, value }: Told): CfnOutput {
  const stack = topLevel(part);
  const id = `${name}${register.node.addr.slice(0, 8)}`;
  return (
    (stack.node.tryFindChild(id) as CfnOutput | undefined) ??
    new CfnOutput(stack, id, { value, description: 'Image trust, for gates of other stacks' })
  );
}

function toldOf(trust: OwnTrust, emergency: HasBreakGlass): Record<TrustOutput, Told> {
  const { register, policies, scanner, evidence, alerts } = trust;
  const { topics } = alerts;
  const keys = [...new Set(topics.flatMap(({ masterKey }) => masterKey?.keyArn ?? []))];
  const noArn = (service: string, resource: string) =>
    Stack.of(register).formatArn({ service, resource, resourceName: LEFT_OUT });
  const noQueue = Stack.of(register).formatArn({ service: 'sqs', resource: LEFT_OUT });
  const noTopic = Stack.of(register).formatArn({ service: 'sns', resource: LEFT_OUT });
  const of = (part: IConstruct, value: string): Told => ({ part, value });
  // break-glass may be made after the gates
  const grants = (value: (grants: GrantsStore) => string, without: string) =>
    of(
      emergency._grants ?? register,
      Lazy.string({
        produce: () => (emergency._grants === undefined ? without : value(emergency._grants)),
      }),
    );
  return {
    [TrustOutput.policiesTable]: of(policies, policies.table.tableName),
    [TrustOutput.policiesTableArn]: of(policies, policies.table.tableArn),
    [TrustOutput.scanRequestsArn]: of(scanner, scanner.requests.queueArn),
    [TrustOutput.scanRequestsUrl]: of(scanner, scanner.requests.queueUrl),
    [TrustOutput.evidenceBucket]: of(evidence, evidence.bucket.bucketName),
    [TrustOutput.repositories]: of(scanner, scanner._enrolment),
    [TrustOutput.alertTopics]: of(alerts, alerts._document),
    [TrustOutput.alertTopicArns]: of(
      alerts,
      Fn.join(',', topics.length === 0 ? [noTopic] : topics.map(({ topicArn }) => topicArn)),
    ),
    [TrustOutput.alertKeyArns]: of(alerts, Fn.join(',', keys.length === 0 ? [noArn('kms', 'key')] : keys)),
    [TrustOutput.grantsTable]: grants(({ table }) => table.tableName, LEFT_OUT),
    [TrustOutput.grantsTableArn]: grants(({ table }) => table.tableArn, noArn('dynamodb', 'table')),
    [TrustOutput.grantMessagesArn]: grants(({ _messages }) => _messages.queueArn, noQueue),
    [TrustOutput.grantMessagesUrl]: grants(({ _messages }) => _messages.queueUrl, LEFT_OUT),
  };
}
