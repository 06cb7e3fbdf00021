import { Lazy } from 'aws-cdk-lib';
import { Grant, PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { GateAccess } from './gate-access';
import { checkNear } from './near-trust';
import { topicsAsked } from './topics-asked';
import { readerOf, TrustOutput } from './trust-outputs';
import type { TrustParts } from './trust-parts';
import type { BreakGlass } from '../break-glass/break-glass';
import type { GrantsStore } from '../break-glass/grants-store';
import { EnvironmentName } from '../core/environment';
import type { Pins } from '../trust/pinned-keys';

/** No code reads this variable. It changes with the keys, so that CloudFormation reads them again. */
const PINNED_KEYS_REVISION = 'PINNED_KEYS_REVISION';

/** What a gate needs in a repository to find the digest of a tag. @internal */
export const RESOLVE = ['ecr:BatchGetImage'];

/**
 * A trust of this app.
 *
 * @internal
 */
export type OwnTrust = Omit<TrustParts, 'gate'> & IConstruct;

/**
 * Whose break-glass may be made after its gates, or never.
 *
 * @internal
 */
export interface HasBreakGlass {
  /** What gates name of it, when the template is written. */
  readonly _grants: GrantsStore | undefined;
  _whenBreakGlass(then: (breakGlass: BreakGlass) => void): void;
}

/**
 * How gates ask a trust of their own app.
 *
 * @internal
 */
export function ownAccess(trust: OwnTrust, gate: IConstruct, emergency: HasBreakGlass): GateAccess {
  const { register, policies, scanner, signer, network } = trust;
  checkNear('gate', gate, trust);
  const read = readerOf(trust, emergency, gate);
  const topics = topicsAsked(trust.alerts, gate, read);
  const pins = signer._pins(gate);
  const grantLook = (handler: IGrantable) => {
    register._grantAsk(handler);
    policies._grantAsk(handler, read(TrustOutput.policiesTableArn));
    allowPinned(handler, pins);
  };
  return {
    metrics: register._metrics,
    environment: {
      [EnvironmentName.register]: register.table.tableName,
      [EnvironmentName.policies]: read(TrustOutput.policiesTable),
      [EnvironmentName.pinnedKeys]: pins.document,
      ...(pins.revision !== undefined && { [PINNED_KEYS_REVISION]: pins.revision }),
      ...grantsEnvironment(emergency, read),
    },
    pinnedKeys: undefined,
    readsTrust: { [EnvironmentName.repositories]: read(TrustOutput.repositories) },
    schemaVersion: undefined,
    scanRequestsQueueUrl: read(TrustOutput.scanRequestsUrl),
    enrolment: read(TrustOutput.repositories),
    evidenceBucketName: read(TrustOutput.evidenceBucket),
    alertEnvironment: topics.environment,
    network,
    isImported: false,
    scanner,
    waitsFor: [trust],
    addAlarm: topics.addAlarm,
    grantAlert: topics.grantSend,
    grantLook,
    grantJudge: handler => {
      grantLook(handler);
      emergency._whenBreakGlass(breakGlass =>
        breakGlass._grantLook(handler, read(TrustOutput.grantsTableArn)),
      );
    },
    grantAsk: handler => {
      grantLook(handler);
      emergency._whenBreakGlass(breakGlass => {
        breakGlass._grantLook(handler, read(TrustOutput.grantsTableArn));
        grantSendTo(handler, read(TrustOutput.grantMessagesArn));
      });
    },
    grantReadTrust: () => undefined,
    grantResolve: handler => {
      for (const repository of scanner._enrolled()) repository._grant(gate, handler, RESOLVE);
    },
    grantRequest: handler => {
      grantSendTo(handler, read(TrustOutput.scanRequestsArn));
    },
  };
}

/** Without break-glass, the variables are left out. */
function grantsEnvironment(
  emergency: HasBreakGlass,
  read: (name: TrustOutput) => string,
): Record<string, string> {
  let environment: Record<string, string> = {};
  emergency._whenBreakGlass(({ _stackName: stackName }) => {
    environment = {
      ...(stackName !== undefined && { [EnvironmentName.trustStack]: stackName }),
      [EnvironmentName.grants]: read(TrustOutput.grantsTable),
      [EnvironmentName.grantMessages]: read(TrustOutput.grantMessagesUrl),
    };
  });
  const names = [EnvironmentName.trustStack, EnvironmentName.grants, EnvironmentName.grantMessages];
  return Object.fromEntries(names.map(name => [name, Lazy.string({ produce: () => environment[name] })]));
}

function grantSendTo(grantee: IGrantable, queueArn: string): void {
  const actions = ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'];
  Grant.addToPrincipal({ grantee, actions, resourceArns: [queueArn] });
}

/** Allows a function to fetch the pinned public keys, and no others. */
function allowPinned({ grantPrincipal }: IGrantable, { arns, revision }: Pins): void {
  grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      ...(revision !== undefined && { sid: `PinnedKeys${revision}` }),
      actions: ['kms:DescribeKey', 'kms:GetPublicKey'],
      resources: arns,
    }),
  );
}
