import { CfnOutput, Stack, Token } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { KeepImported } from './keep-imported';
import { outputName, parameterName, PublishedPart, SCHEMA_VERSION } from '../core/sharing/contract';
import type { TrustEvents } from '../events/trust-events';
import type { FindingsTable } from '../findings/findings-table';
import type { HasBreakGlass, OwnTrust } from '../gates/own-access';
import { topLevel } from '../trust/stacks';

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;

/** What is published of a trust. */
export interface Publication extends OwnTrust, HasBreakGlass {
  readonly _findingsTable?: FindingsTable;
  readonly events: TrustEvents;
}

/**
 * Publishes what gates of other apps need: as outputs of the stack, and as parameters. The keys are an output
 * only: whoever may write a parameter would choose which keys gates accept (0017).
 *
 * @internal
 */
export function publishTrust(trust: Publication, name: string): void {
  if (Token.isUnresolved(name) || !NAME.test(name)) {
    throw new Error(
      `publishedAs is ${Token.isUnresolved(name) ? 'a token' : JSON.stringify(name)}, allowed: a letter and up to 39 letters, digits and "-", for example "platform"`,
    );
  }
  const stack = topLevel(trust);
  if (stack.node.tryFindChild(outputName('schemaVersion')) !== undefined) {
    throw new Error(
      `the stack ${stack.node.path} publishes a trust already, and ${trust.node.path} is another, allowed: one published trust in a stack, because the names of its outputs are fixed; put the other into a stack of its own`,
    );
  }
  const published = new Construct(trust, 'Published');
  const publish = (parts: Parts) => {
    for (const [part, value] of Object.entries(parts) as [PublishedPart, string][]) {
      new CfnOutput(stack, outputName(part), { value, description: `Image trust, for other apps: ${part}` });
      if (part === 'signingKeys') continue;
      new StringParameter(published, part, {
        parameterName: parameterName(name, part),
        stringValue: value,
        description: 'Image trust, for other apps',
      });
    }
  };
  publish(partsOf(trust));
  trust._whenBreakGlass(({ table, _messages: { queueArn, queueUrl } }) =>
    publish({
      grantsTableArn: table.tableArn,
      grantMessagesQueueArn: queueArn,
      grantMessagesQueueUrl: queueUrl,
    }),
  );
  // an update that takes a nested stack out deletes it, and must get to its end
  if (Stack.of(trust) === stack) new KeepImported(published, 'Importers', trust);
}

type Parts = Partial<Record<PublishedPart, string>>;

function partsOf({
  register,
  policies,
  scanner,
  signer,
  evidence,
  alerts,
  _findingsTable: findingsTable,
  events,
}: Publication): Parts {
  const [topic] = alerts._own;
  const requests = scanner._importerRequests();
  const forwarded = scanner._forwardedPushes;
  return {
    schemaVersion: SCHEMA_VERSION,
    registerTableArn: register.table.tableArn,
    policiesTableArn: policies.table.tableArn,
    scanRequestsQueueArn: requests.queueArn,
    scanRequestsQueueUrl: requests.queueUrl,
    evidenceBucketName: evidence.bucket.bucketName,
    ...(findingsTable !== undefined && { findingsTableArn: findingsTable.table.tableArn }),
    eventBusArn: events.eventBus.eventBusArn,
    ...(forwarded !== undefined && { forwardingBusArn: forwarded.eventBus.eventBusArn }),
    ...(topic !== undefined && {
      alertsTopicArn: topic.topicArn,
      alertsTopicKeyArn: topic.masterKey!.keyArn,
    }),
    repositories: scanner._enrolment,
    signingKeys: signer._pinnedKeys(),
  };
}
