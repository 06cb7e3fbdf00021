import { Lazy } from 'aws-cdk-lib';
import { PolicyStatement, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { GateAccess } from './gate-access';
import { checkNear } from './near-trust';
import type { TrustParts } from './trust-parts';
import { readByOutputs } from './weak-references';
import type { BreakGlass } from '../break-glass/break-glass';
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
  _whenBreakGlass(then: (breakGlass: BreakGlass) => void): void;
}

/**
 * How gates ask a trust of their own app.
 *
 * @internal
 */
export function ownAccess(trust: OwnTrust, gate: IConstruct, emergency: HasBreakGlass): GateAccess {
  const { register, policies, scanner, signer, evidence, alerts, network } = trust;
  checkNear('gate', gate, trust);
  readByOutputs(trust, emergency);
  const pins = signer._pins(gate);
  const grantLook = (handler: IGrantable) => {
    register._grantAsk(handler);
    policies._grantAsk(handler);
    allowPinned(handler, pins);
  };
  return {
    metrics: register._metrics,
    environment: {
      [EnvironmentName.register]: register.table.tableName,
      [EnvironmentName.policies]: policies.table.tableName,
      [EnvironmentName.pinnedKeys]: pins.document,
      ...(pins.revision !== undefined && { [PINNED_KEYS_REVISION]: pins.revision }),
      ...grantsEnvironment(emergency),
    },
    pinnedKeys: undefined,
    readsTrust: { [EnvironmentName.repositories]: scanner._enrolment },
    schemaVersion: undefined,
    scanRequestsQueueUrl: scanner.requests.queueUrl,
    enrolment: scanner._enrolment,
    evidenceBucketName: evidence.bucket.bucketName,
    alertEnvironment: alerts._environment(gate),
    network,
    isImported: false,
    scanner,
    waitsFor: [trust],
    alarms: () => [],
    addAlarm: alarm => alerts.addAlarm(alarm),
    grantAlert: handler => alerts._grantSend(handler),
    grantLook,
    grantJudge: handler => {
      grantLook(handler);
      emergency._whenBreakGlass(breakGlass => breakGlass._grantLook(handler));
    },
    grantAsk: handler => {
      grantLook(handler);
      emergency._whenBreakGlass(breakGlass => breakGlass._grantUse(handler));
    },
    grantReadTrust: () => undefined,
    grantResolve: handler => {
      for (const repository of scanner._enrolled()) repository._grant(gate, handler, RESOLVE);
    },
    grantRequest: handler => {
      scanner.requests.grantSendMessages(handler);
    },
  };
}

/** Without break-glass, the variables are left out. */
function grantsEnvironment(emergency: HasBreakGlass): Record<string, string> {
  let environment: Record<string, string> = {};
  emergency._whenBreakGlass(breakGlass => {
    environment = breakGlass._environment;
  });
  const names = [EnvironmentName.trustStack, EnvironmentName.grants, EnvironmentName.grantMessages];
  return Object.fromEntries(names.map(name => [name, Lazy.string({ produce: () => environment[name] })]));
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
